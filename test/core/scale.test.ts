/** 64 instances and 1,000 handoffs in one workspace: the cycle says the right thing, and the figure is printed, not asserted. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/core/config.ts';
import type { HandoffId, InstanceId } from '../../src/core/ids.ts';
import type { Handoff, InstanceState, State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import { NO_VITALS, type Observed } from '../../src/core/vital-signs.ts';
import { CONFIG, handoff, NOW, session, state } from './state-fixture.ts';

const INSTANCES = 64;
const HANDOFFS = 1_000;
const idOf = (index: number) => `instance-${index + 10}-${index % 2 === 0 ? 'backend' : 'frontend'}` as InstanceId;

function crowd(): State {
  const [template, , coordinator] = CONFIG.instances;
  if (template === undefined || coordinator === undefined) throw new Error('the fixture has three instances');
  const ids = Array.from({ length: INSTANCES }, (_, index) => idOf(index));
  const instances: Config['instances'] = [
    ...ids.map((id, index) => ({ ...template, id, role: index % 2 === 0 ? 'backend' : 'frontend' })),
    coordinator,
  ];
  const mark = { at: NOW, awake: NOW };
  const sessions: Record<InstanceId, InstanceState> = Object.fromEntries(
    ids.map((id, index) => [
      id,
      session({ role: index % 2 === 0 ? 'backend' : 'frontend', vitals: { ...NO_VITALS, given: mark, heartbeat: mark } }),
    ]),
  );
  const history = Array.from(
    { length: 12 },
    (_, at) => ({ at: NOW - at, move: 'again', to: 'VERIFICATION', epoch: at, by: 'ann' }) as const,
  );
  const handoffs = Array.from({ length: HANDOFFS }, (_, index): Handoff => {
    const from = idOf(index % INSTANCES);
    const id = `h-${(0x1000 + index).toString(16)}` as HandoffId;
    const open = index < INSTANCES;
    const waits = index >= INSTANCES && index < 2 * INSTANCES;
    return handoff({
      id,
      from,
      to: coordinator.id,
      history,
      phase: waits ? 'STANDBY' : open ? 'ACTIVE' : 'HANDOFF_COMPLETE',
      closedAt: open || waits ? null : NOW,
      depends: waits ? [`h-${(0x1000 + index - INSTANCES).toString(16)}` as HandoffId] : [],
    });
  });
  const whole = state(handoffs, { config: { ...CONFIG, instances } });
  return {
    ...whole,
    coordinator: { ...whole.coordinator, instances: { ...sessions, [coordinator.id]: session({ session: 'none', pid: null }) } },
  };
}

describe('a crowd', () => {
  test('PROTOCOL §3: the cycle over 64 instances and 1,000 handoffs', () => {
    // The first cycle makes the status document say so; what is measured is the one that finds nothing new.
    let now = step(crowd(), { type: 'tick', cause: 'timer', at: NOW, seed: 'ab12cd34' }).state;
    const observed = Array.from(
      { length: INSTANCES },
      (_, index): Observed => ({ instance: idOf(index), signAgoMs: 5_000, busy: false, asking: null, commit: null }),
    );
    const took: number[] = [];
    // What a busy machine does meanwhile is in the time, and not in this.
    const spent: number[] = [];
    for (let round = 1; round <= 60; round++) {
      const begun = performance.now();
      const before = process.cpuUsage();
      const stepped = step(now, { type: 'tick', cause: 'timer', at: NOW + round * 30_000, seed: 'ab12cd34', observed });
      took.push(performance.now() - begun);
      const { user, system } = process.cpuUsage(before);
      spent.push((user + system) / 1_000);
      now = stepped.state;
      expect(stepped.effects).toEqual([]);
    }
    const figures = (of: readonly number[]) => {
      const sorted = of.toSorted((a, b) => a - b);
      return `median ${sorted[30]?.toFixed(1)} ms, 95 % ${sorted[57]?.toFixed(1)} ms, longest ${sorted[59]?.toFixed(1)} ms`;
    };
    console.log(
      `a cycle over ${INSTANCES} instances and ${HANDOFFS} handoffs: ${figures(took)}; of the processor: ${figures(spent)} (goal: 10 ms)`,
    );
    const open = Object.values(now.coordinator.handoffs).filter(({ closedAt }) => closedAt === null);
    expect(open.filter(({ phase }) => phase === 'ACTIVE')).toHaveLength(INSTANCES);
    expect(open.filter(({ phase }) => phase === 'STANDBY')).toHaveLength(INSTANCES);
    expect(now.coordinator.alerts).toEqual([]);
  });

  test('PROTOCOL §7: all 64 fall silent: each is nudged, and nothing is lost in the crowd', () => {
    let now = step(crowd(), { type: 'tick', cause: 'timer', at: NOW, seed: 'ab12cd34' }).state;
    for (let minute = 1; minute <= 46; minute++)
      now = step(now, { type: 'tick', cause: 'timer', at: NOW + minute * 60_000, seed: `ab12cd${minute}` }).state;
    const steps = Object.values(now.coordinator.handoffs).flatMap(({ recovery }) =>
      recovery ? [recovery.steps.map(({ step: one }) => one)] : [],
    );
    expect(steps).toEqual(Array.from({ length: INSTANCES }, () => ['nudge']));
  });
});
