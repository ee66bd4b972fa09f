import { describe, expect, test } from 'vitest';
import { integrationStatus } from '../../src/core/integration-status.ts';
import { DAY_MS } from '../../src/core/kpi.ts';
import { instanceLog, logPath } from '../../src/core/logbook.ts';
import { isoTime } from '../../src/core/time.ts';
import { aRound, BACKEND, CONFIG, COORDINATOR, FRONTEND, handoff, hid, NOW, question, state } from './state-fixture.ts';

const ago = (minutes: number) => NOW - minutes * 60_000;
const clock = (minutes: number) => isoTime(ago(minutes)).slice(11, 19);

const worked = handoff({
  summary: 'orders table and route',
  artifacts: ['migrations/002.sql'],
  required: ['unit' as never],
  phase: 'HANDOFF_READY',
  readyAt: ago(5),
  rounds: [
    aRound({
      epoch: 1,
      finishedAt: ago(6),
      end: 'judged',
      verdict: { kind: 'deny', row: 3, reasons: [{ row: 3, rule: 'critical-violation', check: 'unit' as never, file: 'a.js', line: 7 }] },
    }),
  ],
  history: [
    { at: ago(9), move: 'assign', to: 'ACTIVE', epoch: 0, by: COORDINATOR },
    { at: ago(8), move: 'ready', to: 'HANDOFF_READY', epoch: 0, by: BACKEND },
    { at: ago(7), move: 'verify', to: 'VERIFICATION', epoch: 1, by: COORDINATOR },
    { at: ago(6), move: 'deny', to: 'FAILED', epoch: 1, by: COORDINATOR },
    { at: ago(5), move: 'fixed', to: 'HANDOFF_READY', epoch: 1, by: BACKEND },
  ],
});

function linesOf(name: string, of = state([worked])) {
  return instanceLog(of, BACKEND, NOW)?.blocks.find((block) => block.name === name)?.lines;
}

describe('P1 documentation-based coordination: the work log of an instance', () => {
  test('P1: docs/instance-logs/instance-{N}-{YYYYMMDD}.md', () => {
    const day = isoTime(NOW).slice(0, 10).replaceAll('-', '');
    expect(logPath(state([]), BACKEND, NOW)).toBe(`docs/instance-logs/instance-1-${day}.md`);
    const [first, ...others] = CONFIG.instances;
    if (first === undefined) throw new Error('no instance');
    const named = { ...CONFIG, instances: [{ ...first, id: 'payments' as never }, ...others] };
    expect(logPath(state([], { config: named }), 'payments' as never, NOW)).toBe(`docs/instance-logs/instance-1-${day}.md`);
    const twins = { ...CONFIG, instances: [first, { ...first, id: 'instance-1-mobile' as never }] };
    expect(logPath(state([], { config: twins }), BACKEND, NOW)).toBe(`docs/instance-logs/${BACKEND}-${day}.md`);
  });

  test('P1: what it did, in the order of time', () => {
    expect(linesOf('work')).toEqual([
      `- ${clock(9)} h-3f2a is given: add the orders table, by ${COORDINATOR}`,
      `- ${clock(8)} h-3f2a called ready, by ${BACKEND}`,
      `- ${clock(7)} h-3f2a is being verified (round 1), by ${COORDINATOR}`,
      `- ${clock(6)} h-3f2a denied, by ${COORDINATOR}`,
      `- ${clock(5)} h-3f2a called fixed, by ${BACKEND}`,
      `- ${clock(5)} h-3f2a: "orders table and route"`,
    ]);
  });

  test('P1: issues and their resolution', () => {
    expect(linesOf('issues')).toEqual([
      `- ${clock(6)} h-3f2a denied in round 1: unit: a CRITICAL violation, a.js:7`,
      `- ${clock(5)} h-3f2a called fixed`,
    ]);
  });

  test('P1: what it prepares to hand over', () => {
    expect(linesOf('handoff')).toEqual([
      `- h-3f2a (HANDOFF_READY) goes to ${FRONTEND}: orders table and route`,
      '  - files: migrations/002.sql',
      '  - must pass: unit',
    ]);
  });

  test('P1: a line stays as it is: a later summary stands beside the first and does not rewrite it', () => {
    const before = linesOf('work', state([{ ...worked, history: worked.history.slice(0, 2), readyAt: ago(8), summary: 'first' }])) ?? [];
    const after = linesOf('work') ?? [];
    expect(before.filter((line) => !line.includes('first')).every((line) => after.includes(line))).toBe(true);
  });

  test('P1: a day has its own log, and a day without work none', () => {
    expect(instanceLog(state([worked]), FRONTEND, NOW)).toBeNull();
    expect(instanceLog(state([worked]), BACKEND, NOW + DAY_MS)).toBeNull();
  });

  test('its sessions, and what comes to it from others, are part of its day', () => {
    const alerts = [{ at: ago(3), level: 'warning' as const, text: `${FRONTEND}: the session ended (exit 1)`, instance: FRONTEND }];
    const given = { ...worked, delegation: { handoff: hid('h-0002'), sentAt: ago(2), reminders: 0, ack: null } };
    expect(instanceLog(state([given], { alerts }), FRONTEND, NOW)?.blocks[0]?.lines).toEqual([
      `- ${clock(3)} ${FRONTEND}: the session ended (exit 1)`,
      `- ${clock(2)} h-0002 comes from ${BACKEND}, which did h-3f2a`,
    ]);
  });

  test('what agents wrote carries no escape code and no line break into the log', () => {
    const hostile = { ...worked, summary: 'fine\x1b[2J\n## forged' };
    expect(linesOf('work', state([hostile]))?.join('\n')).not.toMatch(/\x1b|\n## forged/u);
  });
});

describe('P1 documentation-based coordination: the integration status', () => {
  test('P1: requirements, pending tasks and results', () => {
    const asked = { ...worked, question: question(), depends: [hid('h-0009')], held: true };
    const document = integrationStatus(state([asked]));
    expect(document?.path).toBe('docs/integration/current-integration-status.md');
    const lines = Object.fromEntries((document?.blocks ?? []).map(({ name, lines: told }) => [name, told.join('\n')]));
    expect(lines.requirements).toBe(`- h-3f2a ${BACKEND} → ${FRONTEND}, HANDOFF_READY, medium: add the orders table; must pass: unit`);
    expect(lines.pending).toContain('h-3f2a waits for h-0009');
    expect(lines.pending).toContain('waits for the operator: the checks give no clear answer');
    expect(lines.pending).toContain('held by the operator');
    expect(lines.results).toContain('round 1');
    expect(lines.results).toContain('DENY');
    expect(lines.results).toContain('unit: a CRITICAL violation, a.js:7');
    expect(lines.done).toBe('- nothing');
  });

  test('P1: nothing to tell before anything was handed over', () => {
    expect(integrationStatus(state([]))).toBeNull();
  });
});
