import { describe, expect, it } from 'vitest';
import { type Closed, MOVES, type Move, move, OPERATOR_MOVES, openMoves, PHASES, type Phase } from '../../src/core/handoff.ts';

/** PROTOCOL section 2, written down a second time: what each move leads from and to. */
const TABLE: Readonly<Record<Move, Partial<Record<Phase, Phase | Closed>>>> = {
  assign: { STANDBY: 'ACTIVE' },
  ready: { ACTIVE: 'HANDOFF_READY' },
  verify: { HANDOFF_READY: 'VERIFICATION' },
  approve: { VERIFICATION: 'APPROVED' },
  deny: { VERIFICATION: 'FAILED' },
  'take-up': { FAILED: 'REMEDIATION' },
  fixed: { REMEDIATION: 'HANDOFF_READY' },
  transfer: { APPROVED: 'HANDOFF_COMPLETE' },
  release: { HANDOFF_COMPLETE: 'STANDBY' },
  reassign: { ACTIVE: 'ACTIVE', REMEDIATION: 'ACTIVE', APPROVED: 'ACTIVE' },
  reopen: { APPROVED: 'HANDOFF_READY', HANDOFF_COMPLETE: 'HANDOFF_READY' },
  again: { VERIFICATION: 'VERIFICATION' },
  withdraw: Object.fromEntries(PHASES.map((phase) => [phase, 'CLOSED'])),
};
const ALL_MOVES = Object.keys(TABLE) as Move[];

describe('the phases of a handoff', () => {
  for (const phase of PHASES) {
    for (const by of ALL_MOVES) {
      const to = TABLE[by][phase];
      it(`PROTOCOL §2: ${by} in ${phase} ${to === undefined ? 'is refused and says which moves are open' : `leads to ${to}`}`, () => {
        const expected =
          to === undefined ? { ok: false, open: ALL_MOVES.filter((other) => TABLE[other][phase] !== undefined) } : { ok: true, phase: to };
        const moved = move(phase, by);
        if (!moved.ok) moved.open.sort((a, b) => ALL_MOVES.indexOf(a) - ALL_MOVES.indexOf(b));
        expect(moved).toEqual(expected);
      });
    }
  }

  it('PROTOCOL §2: there are eight phases, each with a way out, and no move leads anywhere else', () => {
    expect(PHASES).toHaveLength(8);
    for (const phase of PHASES) {
      expect(openMoves(phase).length).toBeGreaterThan(0);
      for (const to of Object.values(MOVES[phase])) expect(to === 'CLOSED' || PHASES.includes(to)).toBe(true);
    }
  });

  it('PROTOCOL §2: every phase can be reached from STANDBY, and STANDBY from every phase, by moves that are not the operator’s', () => {
    const next = (phase: Phase): Phase[] =>
      openMoves(phase)
        .filter((by) => !OPERATOR_MOVES.has(by))
        .map((by) => MOVES[phase][by] as Phase);
    const reach = (from: Phase): Set<Phase> => {
      const seen = new Set<Phase>([from]);
      for (const phase of seen) for (const to of next(phase)) seen.add(to);
      return seen;
    };
    expect([...reach('STANDBY')].toSorted()).toEqual([...PHASES].toSorted());
    for (const phase of PHASES) expect(reach(phase)).toContain('STANDBY');
  });

  it('PROTOCOL §2: only the operator reassigns, reopens, withdraws and runs again', () => {
    expect([...OPERATOR_MOVES].toSorted()).toEqual(['again', 'reassign', 'reopen', 'withdraw']);
  });
});
