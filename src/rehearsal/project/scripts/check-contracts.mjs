/** Does the back end answer every call that the front end makes? Asked of the real server, call by call. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../backend/db.js';
import { routes } from '../backend/routes/index.js';
import { createShop } from '../backend/server.js';
import { finish, runCheck } from './report.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CALL = /\bcall\('([A-Z]+)', '([^']+)'/g;

await runCheck(async () => {
  const calls = ['client', 'frontend'].flatMap(callsBelow);
  const server = createShop(openDatabase());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const violations = [];
    for (const call of calls) violations.push(...(await ask(call, server.address().port)));
    for (const { method, path: route } of routes) {
      if (!calls.some((call) => call.method === method && call.path === route)) {
        violations.push({ type: 'unused-handler', severity: 'LOW', layer: 'ipc', description: `nobody calls ${method} ${route}` });
      }
    }
    finish(violations, `${calls.length} calls, ${routes.length} routes, ${violations.length} findings`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

function callsBelow(directory) {
  return readdirSync(path.join(ROOT, directory))
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => {
      const file = `${directory}/${name}`;
      const lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n');
      return lines.flatMap((text, index) =>
        [...text.matchAll(CALL)].map(([, method, route]) => ({ method, path: route, file, line: index + 1 })),
      );
    });
}

async function ask({ method, path: route, file, line }, port) {
  const response = await fetch(`http://127.0.0.1:${port}${route}`, {
    method,
    ...(method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: '{}' }),
  });
  const answer = await response.json();
  const about = {
    layer: 'ipc',
    file,
    line,
    expected: `an answer to ${method} ${route}`,
    actual: `${response.status} ${answer.error ?? ''}`.trim(),
  };
  if (answer.code === 'no-handler') {
    return [{ type: 'missing-handler', severity: 'CRITICAL', description: `no handler answers ${method} ${route}`, ...about }];
  }
  if (response.status >= 500) {
    return [{ type: 'handler-fails', severity: 'HIGH', description: `${method} ${route} fails: ${answer.error}`, ...about }];
  }
  return [];
}
