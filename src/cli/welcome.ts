/** A folder that nobody has set up: what this is, in one screen, and the three ways on. */
import { once } from 'node:events';
import { coloursOf } from '../client/colours.ts';
import type { Reply } from '../core/reply.ts';
import { done } from '../core/reply.ts';
import { welcomeLines } from '../view/welcome.ts';
import type { Context, Run } from './context.ts';

export type Ways = { readonly setUp: Run; readonly tryIt: Run };

export async function welcome(context: Context, { setUp, tryIt }: Ways): Promise<Reply | null> {
  const { stdin, stdout } = process;
  const size = { cols: stdout.columns || 80, rows: Math.min(20, (stdout.rows || 24) - 1) };
  stdout.write(`${welcomeLines(size, context.paths.root, coloursOf(process.env)).join('\n')}\n`);
  const key = await readKey(stdin);
  if (key === '\r' || key === '\n') return setUp(context);
  if (key === 't') return tryIt(context);
  return done('', null);
}

async function readKey(stdin: NodeJS.ReadStream): Promise<string> {
  stdin.setRawMode(true);
  try {
    const [bytes] = (await once(stdin, 'data')) as [Buffer];
    return bytes.toString().slice(0, 1);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}
