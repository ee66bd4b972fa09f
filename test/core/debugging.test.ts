import { describe, expect, test } from 'vitest';
import { matchesGlob, proposeDebugging } from '../../src/core/debug-round.ts';
import { fresh } from '../../src/core/debug-verbs.ts';
import { debugMove, putDebug } from '../../src/core/debug-work.ts';
import { DEBUG_MOVES, type DebugMove, type DebugSession, type DebugState, parseDebugId } from '../../src/core/debugging.ts';
import type { Reason } from '../../src/core/verdict.ts';
import { begin, type Work } from '../../src/core/work.ts';
import { aRound, CONFIG, handoff, hid, NOW, state } from './state-fixture.ts';

const denial = (...reasons: Partial<Reason>[]) =>
  aRound({ end: 'judged', verdict: { kind: 'deny', row: 4, reasons: reasons.map((one) => ({ row: 4, rule: 'gap', ...one })) } });

const [first, second, ...rest] = CONFIG.instances;
if (first === undefined || second === undefined) throw new Error('the fixture has lost its instances');
const territories = {
  ...CONFIG,
  instances: [{ ...first, files: ['backend/**'] }, { ...second, files: ['frontend/**', '*.html'] }, ...rest],
};

function proposed(rounds: Parameters<typeof handoff>[0], before: (work: Work) => void = () => {}): DebugSession[] {
  const work = begin(state([], { config: territories }), NOW, 'abcdef0123456789');
  before(work);
  proposeDebugging(work, handoff(rounds));
  return Object.values(work.coordinator.debugging ?? {}).filter(({ state: now }) => now === 'proposed');
}

describe('PROTOCOL §7: when the coordinator proposes a debugging session', () => {
  test('PROTOCOL §7: the violations of one round fall into the files of two instances', () => {
    const found = proposed({ rounds: [denial({ file: 'backend/db.js' }, { file: 'frontend/form.js' })] });
    expect(found).toMatchObject([
      { state: 'proposed', handoffs: ['h-3f2a'], issue: expect.stringContaining('instance-1-planning-backend and instance-2-frontend') },
    ]);
  });

  test('PROTOCOL §7: the files of one instance alone are its own business', () => {
    expect(proposed({ rounds: [denial({ file: 'backend/db.js' }, { file: 'backend/api.js' }, { file: 'README' })] })).toEqual([]);
  });

  test('PROTOCOL §7: the same gap denies twice', () => {
    const gap = { check: 'ipc' as never, file: 'backend/api.js', detail: 'missing-handler: GET /orders' };
    expect(proposed({ rounds: [denial(gap), denial(gap)] })).toMatchObject([{ issue: expect.stringContaining('GET /orders') }]);
    expect(proposed({ rounds: [denial(gap), denial({ ...gap, detail: 'missing-handler: GET /users' })] })).toEqual([]);
    expect(proposed({ rounds: [denial(gap)] })).toEqual([]);
  });

  test('PROTOCOL §7: a handoff that is debugged already is not proposed again, and nothing is opened by itself', () => {
    const rounds = [denial({ file: 'backend/db.js' }, { file: 'frontend/form.js' })];
    expect(proposed({ rounds }, (work) => void putDebug(work, fresh(work, 'known', 'ann', 'open', [hid('h-3f2a')])))).toEqual([]);
  });
});

describe('PROTOCOL §7: the states of a session', () => {
  const states = Object.keys(DEBUG_MOVES) as DebugState[];
  const moves = [...new Set(states.flatMap((from) => Object.keys(DEBUG_MOVES[from])))] as DebugMove[];

  test('PROTOCOL §7: open → investigating → solving → verifying → closed, and back when the verification fails', () => {
    const path: [DebugState, DebugMove, DebugState][] = [
      ['open', 'assign', 'investigating'],
      ['investigating', 'plan', 'solving'],
      ['solving', 'verify', 'verifying'],
      ['verifying', 'passed', 'closed'],
      ['verifying', 'failed', 'investigating'],
    ];
    for (const [from, by, to] of path) expect(DEBUG_MOVES[from][by]).toBe(to);
  });

  test('a move that is not in the table is a broken invariant, and every move in it keeps who and when', () => {
    for (const from of states) {
      for (const by of moves) {
        const work = begin(state([]), NOW, 'abcdef0123456789');
        const session = putDebug(work, { ...fresh(work, 'issue', 'ann', 'open', []), state: from });
        const to = DEBUG_MOVES[from][by];
        if (to === undefined) expect(() => debugMove(work, session, by, 'ann')).toThrow(`cannot ${by} in ${from}`);
        else
          expect(debugMove(work, session, by, 'ann', {}, 'why').history.at(-1)).toEqual({
            at: NOW,
            move: by,
            to,
            by: 'ann',
            reason: 'why',
          });
      }
    }
  });

  test('ids are parsed at the door', () => {
    expect(parseDebugId('d-3f2a')).toBe('d-3f2a');
    for (const text of ['d-3F2A', 'h-3f2a', 'd-', 'd-3f2a/..', 'd-123456789']) expect(parseDebugId(text)).toBeNull();
  });
});

test('territories: `*` inside a name, `**` across folders', () => {
  const inside: [string, string][] = [
    ['src/**', 'src/a/b.ts'],
    ['**/*.ts', 'a.ts'],
    ['**/*.ts', 'x/y/a.ts'],
    ['src/*.ts', 'src/a.ts'],
    ['a?c', 'abc'],
    ['a.b', 'a.b'],
  ];
  const outside: [string, string][] = [
    ['src/*.ts', 'src/x/a.ts'],
    ['src/**', 'source/a.ts'],
    ['a.b', 'axb'],
    ['a?c', 'a/c'],
    ['(x|y)', 'x'],
  ];
  for (const [glob, path] of inside) expect(matchesGlob(glob, path), `${glob} ${path}`).toBe(true);
  for (const [glob, path] of outside) expect(matchesGlob(glob, path), `${glob} ${path}`).toBe(false);
});
