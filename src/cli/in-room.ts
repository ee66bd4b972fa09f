/** Verbs that the room does: connect, ask, show what comes. */
import { readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Connection } from '../client/connect.ts';
import { VERSION } from '../client/version.ts';
import { outcomeLine, outcomeSign } from '../core/outcome-line.ts';
import { failure, type Reply } from '../core/reply.ts';
import { isObject, type Json, type JsonObject } from '../core/tree.ts';
import { type Context, notReached, reach } from './context.ts';
import { verifyAlone } from './verify-alone.ts';

const MAX_TASK_BYTES = 20_000;
const ENDS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export async function inRoom(context: Context): Promise<Reply | null> {
  const reached = await reach(context);
  if (!reached.ok)
    return reached.reason === 'no-room' && context.verb.name === 'verify' && isTrial(context)
      ? verifyAlone(context)
      : notReached(context, reached);
  const { connection } = reached;
  // Between two of its lines, and as everybody ends by it.
  if (context.verb.where === 'stream') for (const signal of ENDS) process.once(signal, () => process.kill(process.pid, signal));
  try {
    if (connection.welcome.version !== VERSION)
      context.warn(
        `the room runs coordtui ${connection.welcome.version}, this is ${VERSION}; to restart it: coordtui stop, then coordtui serve`,
      );
    // Who may not is told so by the room, before any file is looked at.
    const args = connection.welcome.authority === 'operator' ? withFile(context) : { args: context.args };
    if ('reply' in args) return args.reply;
    const bound = context.verb.name === 'approve' ? await confirmed(context, connection, args.args) : { args: args.args };
    if ('reply' in bound) return bound.reply;
    return await connection.request(context.verb.name, bound.args, (part) => show(context, part));
  } finally {
    connection.close();
  }
}

function isTrial(context: Context): boolean {
  return context.args.handoff === undefined && context.args.again !== true && context.args.cancel !== true;
}

/** `assign --file`: the task is read here, where the path means what the caller meant. */
function withFile(context: Context): { args: JsonObject } | { reply: Reply } {
  const { file, ...args } = context.args;
  if (context.verb.name !== 'assign' || typeof file !== 'string') return { args: context.args };
  try {
    if (statSync(file).size > MAX_TASK_BYTES)
      return { reply: failure('usage', `assign: ${file} is larger than ${MAX_TASK_BYTES} bytes`, 'name its path in a shorter task') };
    return { args: { ...args, task: readFileSync(file, 'utf8') } };
  } catch (error) {
    return {
      reply: failure(
        'notFound',
        `assign: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        'look at the path',
      ),
    };
  }
}

/** An approval is bound to what was shown: the question, and the epoch that it stood in. */
async function confirmed(context: Context, connection: Connection, args: JsonObject): Promise<{ args: JsonObject } | { reply: Reply }> {
  if (args.yes === true || connection.welcome.authority !== 'operator' || !process.stdin.isTTY) return { args };
  const shown = await connection.request('explain', { id: args.id ?? '' });
  if (!shown.ok) return { reply: shown };
  context.say(shown.text);
  const epoch = isObject(shown.data) && typeof shown.data.epoch === 'number' ? shown.data.epoch : null;
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt
    .question(`approve ${String(args.id)}${epoch === null ? '' : ` (epoch ${epoch})`}? [y/N] `)
    .finally(() => prompt.close());
  if (!/^y(es)?$/i.test(answer.trim())) return { reply: failure('no', 'nothing was decided', 'it still waits for you') };
  return { args: { ...args, ...(args.epoch === undefined && epoch !== null ? { epoch } : {}) } };
}

/** Parts of a stream: what a check or a session prints goes on as it comes, the rest a line each. */
function show(context: Context, part: Json): void {
  if (context.json || !isObject(part)) {
    context.say(JSON.stringify(part));
    return;
  }
  if (typeof part.text === 'string')
    process.stdout.write(part.text.endsWith('\n') ? part.text : `${part.text}${context.verb.name === 'tail' ? '' : '\n'}`);
  else if (part.started === true) context.say(`▸ ${String(part.check)}`);
  else if (typeof part.outcome === 'string')
    context.say(
      `${outcomeSign(part.outcome)} ${outcomeLine({ check: String(part.check), outcome: part.outcome, reason: String(part.reason), durationMs: Number(part.durationMs) })}`,
    );
  else if (Array.isArray(part.path))
    context.say(`${part.path.join('.')} ${part.deleted === true ? 'deleted' : JSON.stringify(part.value)}`);
  else context.say(JSON.stringify(part));
}
