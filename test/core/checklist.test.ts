import { describe, expect, test } from 'vitest';
import { checklist, checklistText, type Facts, type Mark } from '../../src/core/checklist.ts';
import { BACKEND, FRONTEND } from './state-fixture.ts';

const DAY = 86_400_000;
const played = { passed: true, agoMs: 60_000, version: '1' };
const session = { instance: BACKEND, running: true, finds: 'ours', heard: true, reaches: true } as const;

const WELL: Facts = {
  room: { lastLookMs: 4000, intervalMs: 30_000 },
  checks: [{ id: 'unit', program: 'npm', found: true, outcome: 'passed' }],
  statusTrouble: null,
  pages: { agents: true, escalation: true },
  decided: 3,
  sessions: [session, { ...session, instance: FRONTEND }],
  templateTroubles: [],
  rehearsals: Object.fromEntries(['first-handoff', 'crash', 'stale', 'emergency', 'escalation', 'debugging'].map((name) => [name, played])),
  benchmarks: { recorded: 2, configured: 2 },
  version: '1',
};

const marks = (facts: Facts) => Object.fromEntries(checklist(facts).map(({ id, mark }) => [id, mark]));

describe('P1 implementation checklist: fifteen lines, each a check that runs', () => {
  test('P1: five lines for Instance 3, five for Instances 1 and 2, five for the system, in this order', () => {
    expect(checklist(WELL).map(({ part, id }) => `${part}: ${id}`)).toEqual([
      ...['monitoring', 'checks', 'status-file', 'escalation-documented', 'dashboard'].map((id) => `Instance 3: ${id}`),
      ...['status-commands', 'readiness', 'assignments', 'understood', 'templates'].map((id) => `Instances 1 and 2: ${id}`),
      ...['end-to-end', 'failures', 'benchmarks', 'escalation', 'debugging'].map((id) => `The system: ${id}`),
    ]);
    expect(new Set(Object.values(marks(WELL)))).toEqual(new Set(['ok']));
  });

  const faults: readonly (readonly [fault: string, change: Partial<Facts>, id: string, mark: Mark])[] = [
    ['no room', { room: null, decided: null, sessions: [] }, 'monitoring', 'fail'],
    ['a room that looks no more', { room: { lastLookMs: 61_000, intervalMs: 30_000 } }, 'monitoring', 'fail'],
    ['no check', { checks: [] }, 'checks', 'fail'],
    [
      'a check whose program is not there',
      { checks: [{ id: 'unit', program: 'mocha', found: false, outcome: 'passed' }] },
      'checks',
      'fail',
    ],
    ['a check that was never run', { checks: [{ id: 'unit', program: null, found: false, outcome: null }] }, 'checks', 'warn'],
    ['a check that could not run', { checks: [{ id: 'unit', program: 'npm', found: true, outcome: 'did-not-run' }] }, 'checks', 'warn'],
    ['a status file that cannot be written', { statusTrouble: 'EACCES' }, 'status-file', 'fail'],
    ['no page for the escalation', { pages: { agents: true, escalation: false } }, 'escalation-documented', 'fail'],
    ['no indicators', { decided: null }, 'dashboard', 'fail'],
    ['a PATH on which another coordtui is first', { sessions: [session, { ...session, finds: 'another' }] }, 'status-commands', 'fail'],
    ['a session that nobody could ask', { sessions: [{ ...session, finds: null }] }, 'status-commands', 'warn'],
    ['a session without coordtui', { sessions: [{ ...session, finds: 'none' }] }, 'readiness', 'fail'],
    ['a session of another room', { sessions: [{ ...session, reaches: false }] }, 'assignments', 'fail'],
    ['a session that was never heard', { sessions: [{ ...session, heard: false }] }, 'understood', 'warn'],
    ['no page for the agents', { pages: { agents: false, escalation: false } }, 'understood', 'fail'],
    ['a template that cannot be filled', { templateTroubles: ['x.md: line 3'] }, 'templates', 'fail'],
    ['no rehearsal', { rehearsals: {} }, 'end-to-end', 'fail'],
    ['a rehearsal that failed', { rehearsals: { ...WELL.rehearsals, crash: { ...played, passed: false } } }, 'failures', 'fail'],
    ['a rehearsal of another version', { rehearsals: { ...WELL.rehearsals, debugging: { ...played, version: '0' } } }, 'debugging', 'warn'],
    ['a rehearsal of long ago', { rehearsals: { ...WELL.rehearsals, escalation: { ...played, agoMs: 31 * DAY } } }, 'escalation', 'warn'],
    ['no figure', { benchmarks: { recorded: 0, configured: 0 } }, 'benchmarks', 'warn'],
  ];

  test.each(faults)('P1: %s is seen, and its repair stands beside it', (_fault, change, id, mark) => {
    const line = checklist({ ...WELL, ...change }).find((one) => one.id === id);
    expect(line?.mark).toBe(mark);
    expect(line?.repair).toMatch(/\S/u);
  });

  test('a line that is well needs no repair, and a session that does not run is not asked', () => {
    expect(checklist(WELL).every(({ repair }) => repair === null)).toBe(true);
    expect(
      marks({ ...WELL, sessions: [{ ...session, running: false, finds: null, reaches: null, heard: false }] })['status-commands'],
    ).toBe('warn');
  });

  test('told with a sign, a part once, the repair below its line', () => {
    const text = checklistText(checklist({ ...WELL, statusTrouble: 'EACCES' }));
    expect(text.filter((line) => line === 'Instance 3')).toHaveLength(1);
    const at = text.findIndex((line) => line.includes('EACCES'));
    expect([text[at]?.trim().startsWith('✗'), text[at + 1]]).toEqual([true, expect.stringContaining('status/README.md')]);
  });
});
