/** A room that is killed after any event comes back as it was: the journal is the state, to the last record. */
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  ASSIGN,
  as,
  type Bench,
  CONFIG,
  ONE,
  OPERATOR,
  openBench,
  READY,
  scratchDir,
  started,
  stateAfterKill,
  statusFileOf,
  TWO,
} from './bench.ts';

let statusDir = '';
let bench: Bench;

beforeEach(async () => {
  statusDir = scratchDir();
  bench = await openBench(statusDir);
});
afterEach(async () => {
  await bench.close();
  rmSync(statusDir, { recursive: true, force: true });
});

function edit(change: (instances: Record<string, Record<string, unknown>>) => void): void {
  const document = JSON.parse(readFileSync(statusFileOf(statusDir), 'utf8'));
  change(document.instances);
  writeFileSync(join(statusDir, 'tmp.json'), JSON.stringify(document));
  renameSync(join(statusDir, 'tmp.json'), statusFileOf(statusDir));
}

function handoffOf(instance: string) {
  const found = bench.handoffs().findLast((handoff) => handoff.from === instance && handoff.closedAt === null);
  if (found === undefined) throw new Error(`${instance} owns no handoff`);
  return found;
}

async function obeyed(...asked: Parameters<Bench['command']>): Promise<void> {
  const reply = await bench.command(...asked);
  if (!reply.ok) throw new Error(reply.message);
}

/** Every kind of event, every phase, in one story; the state after each is compared with what the disk alone says. */
const STORY: readonly [string, () => unknown][] = [
  ['the room opens', () => started(bench)],
  ['work is assigned', () => obeyed(OPERATOR, { ...ASSIGN, next: TWO })],
  ['a second piece waits for it', () => obeyed(OPERATOR, { ...ASSIGN, instance: TWO, task: 'the form', depends: [handoffOf(ONE).id] })],
  ['an agent dies', () => bench.panes.exit(ONE, { exitCode: null, signal: 'SIGKILL' })],
  ['and is started again', () => bench.clock.advance(1_000)],
  ['one is closed by the operator', () => obeyed(OPERATOR, { verb: 'close', instance: TWO })],
  ['and opened again', () => obeyed(OPERATOR, { verb: 'new', instance: TWO })],
  [
    'an agent reports',
    () => edit((instances) => Object.assign(instances[ONE] ?? {}, { currentTask: 'orders', odd: { deep: [1, null, 'é'] } })),
  ],
  ['the handoff is held', () => obeyed(OPERATOR, { verb: 'hold', handoff: handoffOf(ONE).id })],
  ['it is ready', () => obeyed(as(ONE), { ...READY, questions: ['is the price gross?'] })],
  ['and let go', () => obeyed(OPERATOR, { verb: 'unhold', handoff: handoffOf(ONE).id })],
  ['the tree changed meanwhile', () => bench.verifier.finish('passed', { voided: true })],
  ['the checks fail', () => bench.verifier.finish('failed')],
  ['the denial is taken up', () => edit((instances) => Object.assign(instances[ONE] ?? {}, { note: 'I am on it' }))],
  ['somebody claims what is not his', () => edit((instances) => Object.assign(instances[ONE] ?? {}, { status: 'APPROVED' }))],
  ['the file is broken', () => writeFileSync(statusFileOf(statusDir), '{"instances":')],
  ['it is ready again', () => obeyed(as(ONE), { ...READY, questions: ['is the price gross?'] })],
  ['the checks pass, and a question is open', () => bench.verifier.finish('passed')],
  ['the dial is turned', () => obeyed(OPERATOR, { verb: 'autopilot', set: 'countdown' })],
  ['the question is answered', () => obeyed(OPERATOR, { verb: 'answer', handoff: handoffOf(ONE).id, epoch: null, text: 'it is gross' })],
  ['the countdown runs out', () => bench.clock.advance(60_000)],
  ['the operator takes it back', () => obeyed(OPERATOR, { verb: 'reopen', handoff: handoffOf(ONE).id, reason: 'orders are lost' })],
  ['the suite itself cannot work', () => bench.verifier.finish('passed', { trouble: 'git is gone' })],
  ['and is asked once more', () => obeyed(OPERATOR, { verb: 'answer', handoff: handoffOf(ONE).id, epoch: null, text: 'again' })],
  ['the checks pass', () => bench.verifier.finish('passed')],
  ['the dial acts', () => bench.clock.advance(60_000)],
  ['what waited is withdrawn', () => obeyed(OPERATOR, { verb: 'withdraw', handoff: handoffOf(TWO).id, reason: null })],
  ['the target acknowledges', () => acknowledge()],
  ['a run is cancelled', () => cancelled()],
];

async function acknowledge(): Promise<void> {
  const passed = handoffOf(ONE).delegation?.handoff;
  if (passed === undefined) return;
  edit((instances) => Object.assign(instances[TWO] ?? {}, { acknowledgments: [`[ACK] ${passed} - RECEIVED`] }));
}

async function cancelled(): Promise<void> {
  await obeyed(as(TWO), { ...READY, instance: TWO });
  await bench.quiet();
  await obeyed(OPERATOR, { verb: 'cancel', handoff: handoffOf(TWO).id });
}

it('PROTOCOL §3: after every event of a story the journal gives the state that was, and the file shows it', {
  timeout: 120_000,
}, async () => {
  const phases = new Set<string>();
  for (const [what, happen] of STORY) {
    const before = bench.coordinator.state();
    await happen();
    await bench.quiet();
    const now = JSON.parse(JSON.stringify(bench.coordinator.state()));
    expect(bench.coordinator.state(), what).not.toBe(before);
    expect(await stateAfterKill(statusDir), `killed after: ${what}`).toStrictEqual(now);
    const { revision: _revision, storeId: _storeId, ...shown } = bench.file();
    expect(shown, `the status file after: ${what}`).toStrictEqual(now.document);
    for (const handoff of bench.handoffs()) for (const entry of handoff.history) phases.add(entry.to);
  }
  expect([...phases].sort()).toEqual([
    'ACTIVE',
    'APPROVED',
    'CLOSED',
    'FAILED',
    'HANDOFF_COMPLETE',
    'HANDOFF_READY',
    'REMEDIATION',
    'STANDBY',
    'VERIFICATION',
  ]);
});

it('begins a round that died with the room anew, in a new epoch, and lets a countdown start again', async () => {
  const config = { ...CONFIG, autopilot: 'countdown' as const };
  await started(bench, config);
  await obeyed(OPERATOR, ASSIGN);
  await obeyed(as(ONE), READY);
  await bench.quiet();
  const cutOff = await stateAfterKill(statusDir);
  await bench.close();
  bench = await openBench(statusDir, config);
  expect(JSON.parse(JSON.stringify(bench.coordinator.state()))).toStrictEqual(cutOff);
  await started(bench, config);
  expect(bench.verifier.under).toMatchObject([{ epoch: 2 }]);
  expect(handoffOf(ONE)).toMatchObject({
    phase: 'VERIFICATION',
    epoch: 2,
    rounds: [
      { epoch: 1, end: 'lost' },
      { epoch: 2, end: null },
    ],
  });
  bench.verifier.finish('passed');
  await bench.quiet();
  expect(handoffOf(ONE).pending).toMatchObject({ decision: 'approve', epoch: 2 });
  const due = handoffOf(ONE).pending?.dueAt;
  await bench.close();
  bench = await openBench(statusDir, config);
  bench.clock.advance(20_000);
  await started(bench, config);
  expect(handoffOf(ONE).pending?.dueAt).toBe(Number(due) + 20_000);
  bench.clock.advance(29_999);
  await bench.quiet();
  expect(handoffOf(ONE)).toMatchObject({ phase: 'VERIFICATION' });
  bench.clock.advance(1);
  await bench.quiet();
  expect(bench.handoffs()).toMatchObject([{ phase: 'STANDBY', epoch: 2 }]);
});

it('writes the documents that a killed room had promised and not yet written', async () => {
  const killed = scratchDir();
  bench.hooks.document = () => cpSync(statusDir, killed, { recursive: true });
  await started(bench);
  await obeyed(OPERATOR, ASSIGN);
  const promised = bench.log.filter((line) => line.startsWith('document '));
  expect(promised).toHaveLength(1);
  const after = await openBench(killed);
  try {
    await after.quiet();
    expect(after.log.filter((line) => line.startsWith('document '))).toEqual(promised);
    expect(after.coordinator.state().coordinator.alerts.filter(({ level }) => level === 'urgent')).toEqual([]);
    expect(JSON.stringify(after.coordinator.state().document)).toContain(promised[0]?.replace('document ', ''));
  } finally {
    await after.close();
    rmSync(killed, { recursive: true, force: true });
  }
});
