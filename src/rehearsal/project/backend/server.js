/** The HTTP server: one table of routes, JSON in and out. */
import { createServer } from 'node:http';
import { routes } from './routes/index.js';

const LONGEST_BODY = 100_000;

/** A server over this database, not yet listening. */
export function createShop(db) {
  return createServer(async (request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const { pathname } = new URL(request.url ?? '/', 'http://shop');
    const route = routes.find(({ method, path }) => method === request.method && path === pathname);
    if (!route) return answer(404, { error: `nothing answers ${request.method} ${pathname}`, code: 'no-handler' });
    try {
      const { status, body } = await route.handle({ db, body: await readBody(request) });
      return answer(status, body);
    } catch (error) {
      return answer(error instanceof SyntaxError ? 400 : 500, { error: error.message });
    }
  });
}

async function readBody(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > LONGEST_BODY) throw new SyntaxError('the body is too long');
  }
  return text === '' ? {} : JSON.parse(text);
}
