/** PROTOCOL §8, Retention: what goes, what stays, and that it is told. */
import { describe, expect, test } from 'vitest';
import type { HandoffId } from '../../src/core/ids.ts';
import type { KeptBundle } from '../../src/core/retention.ts';
import type { Handoff, State } from '../../src/core/state.ts';
import { type Stepped, step } from '../../src/core/step.ts';
import { aRound, CONFIG, handoff, NOW, state } from './state-fixture.ts';

const DAY_MS = 86_400_000;

function bundle(of: string, daysOld: number, bytes = 100): KeptBundle {
  return { path: `evidence/${of}/1-${daysOld}`, of, at: NOW - daysOld * DAY_MS, bytes };
}

/** A handoff with one sealed round: `bundle(id, daysOld)`. */
function sealed(id: string, daysOld: number, change: Partial<Handoff> = {}): Handoff {
  const rounds = [aRound({ epoch: 1, end: 'judged', evidence: { path: `evidence/${id}/1-${daysOld}`, sha256: 'a' } })];
  return handoff({ id: id as HandoffId, phase: 'HANDOFF_COMPLETE', closedAt: NOW - daysOld * DAY_MS, rounds, ...change });
}

function sweep(handoffs: Handoff[], bundles: readonly KeptBundle[], caps: { days?: number; bytes?: number } = {}): Stepped {
  const policy = { ...CONFIG.policy, evidenceMaxAgeMs: (caps.days ?? 90) * DAY_MS, evidenceMaxBytes: caps.bytes ?? 1e9 };
  const before: State = state(handoffs, { config: { ...CONFIG, policy } });
  return step(before, { type: 'evidence.seen', bundles, at: NOW, seed: 'ab12cd34' });
}

const removed = ({ effects }: Stepped) => effects.flatMap((effect) => (effect.type === 'evidence.remove' ? effect.paths : []));

describe('PROTOCOL §8: retention', () => {
  test('what is older than the cap goes, and the room says so; the round keeps its line', () => {
    const swept = sweep([sealed('h-0001', 100), sealed('h-0002', 10)], [bundle('h-0001', 100), bundle('h-0002', 10)]);
    expect(removed(swept)).toEqual(['evidence/h-0001/1-100']);
    const { handoffs, alerts } = swept.state.coordinator;
    expect(handoffs['h-0001' as HandoffId]?.rounds[0]?.evidence).toEqual({ path: 'evidence/h-0001/1-100', sha256: 'a', removedAt: NOW });
    expect(handoffs['h-0002' as HandoffId]?.rounds[0]?.evidence).not.toHaveProperty('removedAt');
    expect(alerts.map(({ text }) => text)).toEqual([expect.stringMatching(/^1 bundle of evidence went .* the journal keeps their lines$/)]);
  });

  test('too much in all: the oldest first, and no more than has to', () => {
    const bundles = [bundle('h-0003', 1), bundle('h-0001', 3), bundle('h-0002', 2), bundle('h-00000000', 2.5)];
    const handoffs = [sealed('h-0001', 3), sealed('h-0002', 2), sealed('h-0003', 1)];
    expect(removed(sweep(handoffs, bundles, { bytes: 250 }))).toEqual(['evidence/h-0001/1-3', 'evidence/h-00000000/1-2.5']);
  });

  test('nothing that is open goes, whatever its age and size, nor an open debugging session', () => {
    const open = sealed('h-0001', 400, { phase: 'VERIFICATION', closedAt: null });
    const swept = sweep([open], [bundle('h-0001', 400, 1e12)], { days: 1, bytes: 1 });
    expect(removed(swept)).toEqual([]);
    expect(swept.state.coordinator.alerts).toEqual([]);
  });

  test('what the next rounds are compared with stays: the round that was approved last', () => {
    const approved = (daysOld: number) => ({
      history: [{ at: NOW - daysOld * DAY_MS, move: 'approve', to: 'APPROVED', epoch: 1, by: 'ann' } as const],
    });
    const handoffs = [sealed('h-0001', 300, approved(300)), sealed('h-0002', 200, approved(200)), sealed('h-0003', 150)];
    const bundles = [bundle('h-0001', 300), bundle('h-0002', 200), bundle('h-0003', 150)];
    expect(removed(sweep(handoffs, bundles))).toEqual(['evidence/h-0001/1-300', 'evidence/h-0003/1-150']);
  });

  test('PROTOCOL §4: the hash of the sealed verdict joins what the journal lists of the round', () => {
    const before = state([sealed('h-0001', 1)], { config: CONFIG });
    const { state: after } = step(before, {
      type: 'verdict.sealed',
      handoff: 'h-0001' as HandoffId,
      epoch: 1,
      sha256: 'v',
      at: NOW,
      seed: 'ab12cd34',
    });
    expect(after.coordinator.handoffs['h-0001' as HandoffId]?.rounds[0]?.evidence).toMatchObject({ sha256: 'a', verdictSha256: 'v' });
  });
});
