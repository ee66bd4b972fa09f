/** The rehearsal with a person as its operator: the same stage and agents, the real screen, and hints that lead through it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { done, failure, type Reply } from '../core/reply.ts';
import { assign, type RehearsalOptions } from './rehearse.ts';
import { SCENARIOS } from './scenario.ts';
import { openStage, type Stage } from './stage.ts';

const ENDS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];

/** Needs a terminal. Ends with the room, or when the person says so after he has detached. */
export async function rehearseGuided({ scenario: name, keep, packageRoot, say }: RehearsalOptions): Promise<Reply> {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) {
    return failure('notFound', `rehearse: there is no scenario ${name}`, `scenarios: ${SCENARIOS.map((one) => one.name).join(', ')}`);
  }
  const quiet: string[] = [];
  const stage = openStage({
    scenario: scenario.name,
    players: scenario.players,
    limits: scenario.limits,
    packageRoot,
    guided: true,
    say: (line) => quiet.push(line),
  });
  // The client has the terminal; what is typed there is meant for it alone.
  const onInterrupt = () => {};
  const onEnd = (signal: NodeJS.Signals) => {
    void stage.close().finally(() => {
      stage.remove();
      process.exit(signal === 'SIGTERM' ? 143 : 129);
    });
  };
  process.on('SIGINT', onInterrupt);
  for (const signal of ENDS) process.once(signal, onEnd);
  let wrong: string | null = null;
  try {
    await stage.openRoom();
    await assign(stage, scenario);
    while ((await attach(stage, packageRoot)) === 0 && !(await stage.over()) && (await comesBack())) {
      // Attached again, to the same room: nothing was lost.
    }
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  wrong = (await stage.close()) ?? wrong;
  process.off('SIGINT', onInterrupt);
  for (const signal of ENDS) process.off(signal, onEnd);
  if (wrong !== null) return failure('no', `rehearsal ${name}: ${wrong}`, `its workspace is kept: ${stage.workspace}`);
  if (keep) say(`the workspace is kept: ${stage.workspace}`);
  else stage.remove();
  return done('The rehearsal is over; nothing of it is left running. In a project of yours: coordtui init', { scenario: name });
}

function attach(stage: Stage, packageRoot: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const client = spawn(process.execPath, [join(packageRoot, 'bin', 'coordtui.js'), '--workspace', stage.workspace], { stdio: 'inherit' });
    client.once('error', reject);
    client.once('exit', (code) => resolve(code ?? 1));
  });
}

/** One key, as everywhere in the room; others are waited over. A terminal that closes ends the rehearsal. */
function comesBack(): Promise<boolean> {
  const { stdin, stdout } = process;
  return new Promise((resolve) => {
    const finish = (back: boolean) => {
      stdin.off('data', onKey).off('end', onEnd);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
      stdout.write('\n');
      resolve(back);
    };
    const onEnd = () => finish(false);
    // Keys that are typed fast come together: the first that means something decides.
    const onKey = (bytes: Buffer) => {
      const key = /[\r\nqQ\x03\x04]/.exec(bytes.toString('latin1'))?.[0];
      if (key !== undefined) finish(key === '\r' || key === '\n');
    };
    // Raw before it asks: an answer to the question must not be a line's edit.
    if (stdin.isTTY) stdin.setRawMode(true);
    stdout.write('The agents go on. Enter: back to the room; q: end the rehearsal. ');
    stdin.on('data', onKey).once('end', onEnd).resume();
  });
}
