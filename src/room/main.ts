/**
 * `coordtui serve --foreground`: who may open a room here, and whether there is one already. The room itself, with all that
 * it needs, is loaded only after that: a second one is refused before it has cost anything.
 */
import { seenAs } from '../client/seen-as.ts';
import { plain } from '../core/plain.ts';
import { EXIT } from '../core/reply.ts';
import { heldBy, lockHolder, whatToDo } from '../store/holder.ts';
import { findWorkspace } from '../workspace/find.ts';
import { workspacePaths } from '../workspace/paths.ts';

export type Asked = {
  workspace: string | undefined;
  trace: 'acks' | 'frames' | null;
  lifeline: boolean;
  forScreen: boolean;
  json: boolean;
};
export type Fail = (exit: number, message: string, hint: string) => number;

/** @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const { fault, ...asked } = readArguments(argv);
  const fail: Fail = (exit, message, hint) => complain(exit, message, hint, asked.json);
  const found = findWorkspace({ option: asked.workspace, cwd: process.cwd(), env: process.env });
  const holder = found.ok ? lockHolder(workspacePaths(found.root).lock) : null;
  // No session starts another room over its own workspace: the room that runs says who asks. One that is stopped says
  // nothing, and the answer is no in any case.
  const seen = found.ok && holder?.stopped === false ? await seenAs(found.root) : null;
  if (seen !== null && seen !== 'operator')
    return fail(
      EXIT.notPermitted,
      `serve: not permitted for ${seen}`,
      'run it in a terminal of your own, outside the sessions of the room',
    );
  if (fault !== null) return fail(EXIT.usage, `serve: ${fault}`, 'see: coordtui serve --help');
  if (!found.ok) return fail(EXIT.notFound, found.message, 'say which workspace with --workspace DIR');
  // It may have ended while it was asked. The room takes the lock for itself, and then it counts.
  const { lock, statusDir } = workspacePaths(found.root);
  const still = holder === null ? null : lockHolder(lock);
  if (still !== null) {
    const said = `serve: ${heldBy(statusDir, still.info)}`;
    return seen === null
      ? fail(EXIT.held, `${said}, and does not answer`, whatToDo(still))
      : fail(EXIT.held, said, 'look at the one that runs: coordtui status');
  }
  const { runRoom } = await import('./foreground.ts');
  return runRoom(found.root, asked, fail);
}

/** All of it is read also when some of it is wrong: whose room it is about is settled first. */
function readArguments(argv: readonly string[]): Asked & { fault: string | null } {
  const asked: Asked & { fault: string | null } = {
    workspace: undefined,
    trace: null,
    lifeline: false,
    forScreen: false,
    json: false,
    fault: null,
  };
  for (let index = 0; index < argv.length; index++) {
    const [arg = '', inline] = splitFlag(argv[index] ?? '');
    const value = () => inline ?? argv[++index];
    if (arg === 'serve' || arg === '--foreground') continue;
    else if (arg === '--json') asked.json = true;
    else if (arg === '--lifeline') asked.lifeline = true;
    else if (arg === '--for-screen') asked.forScreen = true;
    else if (arg === '--workspace') asked.workspace = value();
    else if (arg === '--trace') {
      const what = value();
      if (what === 'acks' || what === 'frames') asked.trace = what;
      else asked.fault ??= '--trace knows only "acks" and "frames"';
    } else asked.fault ??= `unknown argument ${plain(arg, 60)}`;
  }
  return asked;
}

function splitFlag(arg: string): [string, string?] {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1;
  return at < 0 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)];
}

/** One sentence: what happened and where, then what to do (INTERFACE). */
function complain(exit: number, message: string, hint: string, json: boolean): number {
  const code = Object.entries(EXIT).find(([, number]) => number === exit)?.[0] ?? 'no';
  process.stderr.write(json ? `${JSON.stringify({ error: { code, message, hint } })}\n` : `${message}; ${hint}\n`);
  return exit;
}
