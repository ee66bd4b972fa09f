/**
 * A scripted agent: `node agent.js SCRIPT.json`, in a session of coordtui. It does nothing that a real agent does
 * not do, and it is a separate program: it knows the room only by its variables, its files and its verbs.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { applyWork, commit, coordtui, editFile, run, setStatus, writeTest } from './deeds.ts';
import { type Condition, parseScript, type Step } from './script.ts';
import { endSpin, quote, report, say, setTitle, spin } from './voice.ts';
import { openWorld, type World } from './world.ts';

const DEFAULT_WAIT_S = 300;
const QUOTED_LINES = 40;

type Agent = { readonly world: World; readonly folder: string; readonly touched: Set<string> };

async function main(file: string | undefined): Promise<number> {
  if (file === undefined) {
    process.stderr.write('usage: node agent.js SCRIPT.json\n');
    return 2;
  }
  try {
    const agent: Agent = { world: openWorld(process.env), folder: path.dirname(path.resolve(file)), touched: new Set() };
    const script = parseScript(readFileSync(file, 'utf8'), path.basename(file, '.json'));
    report('working');
    const code = await perform(agent, script.steps);
    report('done');
    return code ?? 0;
  } catch (error) {
    report('error');
    say(error instanceof Error ? error.message : String(error), 'red', '✗');
    return 1;
  }
}

/** Answers the exit code when a step ends the agent. */
async function perform(agent: Agent, steps: readonly Step[]): Promise<number | null> {
  for (const step of steps) {
    if (step.if && !agent.world.holds(step.if)) continue;
    const code = await act(agent, step);
    if (code !== null) return code;
  }
  return null;
}

async function act(agent: Agent, step: Step): Promise<number | null> {
  const { world, touched } = agent;
  switch (step.do) {
    case 'say':
      say(step.text);
      return null;
    case 'title':
      setTitle(step.text);
      return null;
    case 'think':
      for (let frame = 0; frame * 80 < step.ms * world.pace; frame++) await spin(frame, step.text);
      endSpin();
      return null;
    case 'wait':
      await waitFor(world, step.for, step.text, step.seconds ?? DEFAULT_WAIT_S);
      return null;
    case 'apply': {
      const { only, except } = step;
      const wanted = (file: string): boolean => (only?.includes(file) ?? true) && !except?.includes(file);
      for (const file of applyWork(path.join(agent.folder, 'pieces', step.work), wanted)) touched.add(file);
      return null;
    }
    case 'edit':
      editFile(step.file, step.find, step.replace);
      touched.add(step.file);
      return null;
    case 'remove':
      rmSync(step.file, { force: true });
      say(`removed ${step.file}`, 'green', '-');
      touched.add(step.file);
      return null;
    case 'run':
      say(step.command.join(' '), 'blue', '$');
      say(`ended with ${await run(step.command)}`, 'dim');
      return null;
    case 'commit':
      await commit(world, [...touched], step.message);
      return null;
    case 'status':
      if (step.with === 'jq') await setStatus(world, step.field, step.value);
      else await coordtui(world, ['status', 'set', `instances.${world.instance}.${step.field}`, step.value]);
      return null;
    case 'ack':
      await coordtui(world, ['ack', world.handoff() ?? '', step.status, '--understanding', step.understanding]);
      return null;
    case 'ready':
      await coordtui(world, ['ready', '--summary', step.summary, ...(step.artifacts ?? []).flatMap((file) => ['--artifact', file])]);
      return null;
    case 'finding':
      await coordtui(world, ['debug', 'finding', world.about('debugging') ?? '', step.text, '--file', step.file]);
      return null;
    case 'write-test':
      touched.add(writeTest(step.folder, world.instance));
      return null;
    case 'read-failure':
      await readFailure(world, step.names);
      return null;
    case 'group':
      return perform(agent, step.steps);
    case 'crash':
      say('…', 'red');
      process.kill(process.pid, 'SIGKILL');
      return null;
    case 'hang':
      for (const name of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) process.on(name, () => undefined);
      return forever();
    case 'rest':
      report('done');
      say('nothing more to do; waiting for you', 'dim', '○');
      return forever();
    case 'exit':
      return step.code;
  }
}

async function waitFor(world: World, condition: Condition, text: string, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  if (world.holds(condition)) return;
  report('idle');
  say(`waiting for ${text}`, 'yellow', '…');
  for (let frame = 0; !world.holds(condition); frame++) {
    if (performance.now() > deadline) throw new Error(`gave up after ${seconds} s of waiting for ${text}`);
    await spin(frame, `waiting for ${text}`);
  }
  endSpin();
  say(`there it is: ${text}`, 'green', '✓');
  report('working');
}

async function readFailure(world: World, names: string): Promise<void> {
  let found = world.document('remediation');
  for (let frame = 0; found === null; frame++) {
    if (frame > 600) throw new Error('the denial came without a document');
    await spin(frame, 'waiting for the failure document');
    found = world.document('remediation');
  }
  endSpin();
  const text = readFileSync(found, 'utf8');
  say(`reading ${path.relative(world.workspace, found)}`);
  quote(text.split('\n').slice(0, QUOTED_LINES).join('\n'));
  if (!text.includes(names)) throw new Error(`the failure document does not name "${names}"`);
  say(`it names "${names}": that can be fixed`);
}

function forever(): Promise<never> {
  return new Promise(() => setInterval(() => undefined, 60_000));
}

process.exitCode = await main(process.argv[2]);
