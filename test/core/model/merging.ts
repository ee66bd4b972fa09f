/** The way of approved work into its branch, in random histories: what may come home, and what must hold (PROTOCOL section 5). */
import type { Effect } from '../../../src/core/effect.ts';
import type { Event } from '../../../src/core/event.ts';
import type { HandoffId } from '../../../src/core/ids.ts';
import type { Integration } from '../../../src/core/integration.ts';
import type { RoundReport } from '../../../src/core/report.ts';
import type { Handoff, State } from '../../../src/core/state.ts';
import type { Body, Dice } from './events.ts';

/** Of this epoch or an older one, in whatever state the handoff is. */
export function merged(state: State, handoff: HandoffId, report: RoundReport, d: Dice): Body {
  const epoch = (state.coordinator.handoffs[handoff]?.epoch ?? 0) - (d.chance(4) ? 1 : 0);
  const passed = { ...report, voided: false, cancelled: false, trouble: null, judgeTouched: [], uncovered: [] };
  const sound = passed.checks.map((one) => ({ ...one, outcome: 'passed' as const, exitCode: 0, violations: [] }));
  const home = { handoff, epoch };
  return d.pick<() => Body>([
    () => ({ ...home, type: 'integration.moved', found: d.pick([{ kind: 'moved' }, { kind: 'moved' }, { kind: 'stale' }]) }),
    () => ({ ...home, type: 'integration.moved', found: { kind: 'checked-out', where: '/w', ref: 'refs/coordtui/h' } }),
    () => ({ ...home, type: 'integration.finished', found: { kind: 'conflict', files: ['a.ts'] } }),
    () => ({ ...home, type: 'integration.finished', found: { kind: 'there', commit: 'c' } }),
    () => ({ ...home, type: 'integration.finished', found: { kind: 'judged', commit: 'm', onto: 'b', report } }),
    () => ({
      ...home,
      type: 'integration.finished',
      found: { kind: 'judged', commit: 'm', onto: 'b', report: { ...passed, checks: sound } },
    }),
  ])();
}

export function underWay({ closedAt, phase, integration }: Handoff): boolean {
  return closedAt === null && phase === 'APPROVED' && (integration?.state === 'merging' || integration?.state === 'moving');
}

/** No branch is moved but for work that stands approved, after a verification of that very merge, one at a time; approved stays approved. */
export function mergedRightly(
  before: State,
  event: Event,
  after: State,
  effects: readonly Effect[],
  states: Set<Integration['state']>,
): void {
  if (before.coordinator.handoffs === after.coordinator.handoffs) return;
  const all = Object.values(after.coordinator.handoffs).filter(({ integration }) => integration != null);
  if (all.filter(underWay).length > 1) throw new Error('two merges at once');
  for (const effect of effects) if (effect.type === 'integration.move') movedRightly(after, event, effect);
  for (const handoff of all) {
    const { id, closedAt, phase, integration, question } = handoff;
    if (integration != null) states.add(integration.state);
    const was = before.coordinator.handoffs[id];
    const fell = was?.phase === 'APPROVED' && was.closedAt === null && !['APPROVED', 'HANDOFF_COMPLETE', 'STANDBY'].includes(phase);
    if (fell && event.type !== 'command') throw new Error(`${id} is no longer approved`);
    // Whatever does not go on by itself has asked.
    if (closedAt === null && phase === 'APPROVED' && integration?.state === 'stopped' && question === null)
      throw new Error(`${id}: its merge has stopped, and nobody is asked`);
  }
}

function movedRightly(after: State, event: Event, effect: Extract<Effect, { type: 'integration.move' }>): void {
  const handoff = after.coordinator.handoffs[effect.handoff];
  const { state, commit, onto } = handoff?.integration ?? {};
  if (handoff?.phase !== 'APPROVED' || handoff.closedAt !== null || state !== 'moving' || commit !== effect.commit || onto !== effect.onto)
    throw new Error(`${effect.handoff}: its branch is moved in ${handoff?.phase}, ${state}`);
  if (event.type === 'command') {
    if (event.command.verb !== 'answer' || event.command.text !== 'accept') throw new Error(`a branch is moved by ${event.command.verb}`);
    return;
  }
  const found = event.type === 'integration.finished' ? event.found : null;
  if (found?.kind !== 'judged') throw new Error(`a branch is moved by ${event.type}`);
  const { checks, voided, cancelled, trouble } = found.report;
  const passed = checks.some(({ outcome }) => outcome === 'passed');
  if (voided || cancelled || trouble !== null || !passed || checks.some(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped'))
    throw new Error(`a branch is moved over ${checks.map(({ outcome }) => outcome).join(', ')}`);
}
