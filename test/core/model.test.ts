/**
 * Random histories against the invariants that no transcript can cover one by one (PROTOCOL sections 1, 2, 3 and 5).
 * Short in every run of the tests; long: `MODEL_HISTORIES=2000 MODEL_EVENTS=1000 npm run model` (MODEL_FIRST: the first seed).
 */
import { describe, expect, test } from 'vitest';
import { everyHandoff } from '../../src/core/archive.ts';
import { rowsOf } from '../../src/core/archived-handoff.ts';
import type { Config } from '../../src/core/config.ts';
import type { Event } from '../../src/core/event.ts';
import { ALL_MOVES } from '../../src/core/handoff.ts';
import { initialState } from '../../src/core/initial.ts';
import type { Integration } from '../../src/core/integration.ts';
import type { State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import { storyConfig } from '../transcripts/runner.ts';
import { anything, type Body, dice, INSTANCES } from './model/events.ts';
import { holdInvariants } from './model/invariants.ts';
import { foldOf } from './model/journal.ts';
import { mergedRightly } from './model/merging.ts';

const FIRST = Number(process.env.MODEL_FIRST ?? 1);
const HISTORIES = Number(process.env.MODEL_HISTORIES ?? 60);
const EVENTS = Number(process.env.MODEL_EVENTS ?? 200);
/** Events from one reading of the journal to the next. */
const READ_BACK = 50;

/** Plays one history to its end; throws with the event that broke something. */
function play(seed: number, merges: Set<Integration['state']>): State {
  const d = dice(seed * 7919);
  const story = storyConfig(['schema', 'unit'], d.pick(['act', 'countdown', 'suggest']));
  const criteria = d.chance(3) ? [{ text: 'seen on a phone', check: null, informational: false }] : [];
  const policy = {
    ...story.policy,
    undoMs: d.pick([0, 10_000]),
    verificationConcurrency: d.pick([1, 1, 2]),
    // In every third history whatever is closed leaves the state as soon as it may.
    ...(seed % 3 === 0 ? { handoffsWhole: 1, handoffsWholeMs: 0 } : {}),
  };
  const [worker, , coordinator] = story.instances as [Config['instances'][number], unknown, Config['instances'][number]];
  // As many as make a queue: with two there is seldom a choice.
  const instances = [
    ...INSTANCES.slice(0, d.pick([2, 3, 5])).map((id) => ({ ...worker, id, ...(d.chance(2) ? { worktree: id } : {}) })),
    coordinator,
  ];
  const gathered = d.chance(2) ? { integration: { branch: 'main' } } : {};
  const config = { ...story, ...gathered, instances, policy, verification: { ...story.verification, criteria } };
  let state = initialState(config, 's', 0);
  const journal = foldOf(state);
  let at = 1_000_000;
  for (let index = 0; index < EVENTS; index++) {
    at += d.pick([1, 1000, 30_000, 400_000]);
    const body: Body = index === 0 ? { type: 'room.started', config, tree: null, sessionId: 's' } : anything(state, d);
    const event = { ...body, at, seed: `${seed}-${index}` } as Event;
    try {
      const { state: next, effects } = step(state, event);
      journal.follow(state, next);
      if (index % READ_BACK === 0) journal.readBack(next);
      holdInvariants(state, event, next);
      mergedRightly(state, event, next, effects, merges);
      state = next;
    } catch (error) {
      const what = JSON.stringify(body).slice(0, 300);
      throw new Error(`history ${seed}, event ${index} (${what}): ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  journal.readBack(state);
  return state;
}

describe('PROTOCOL §2, §3, §5: the core under random histories', () => {
  test(`${HISTORIES} histories of ${EVENTS} events keep every invariant`, { timeout: 3_600_000 }, () => {
    const moves = new Set<string>();
    const merges = new Set<Integration['state']>();
    let archived = 0;
    const began = performance.now();
    for (let seed = FIRST; seed < FIRST + HISTORIES; seed++) {
      const end = play(seed, merges);
      archived += rowsOf(end.coordinator.archive).length;
      for (const { history } of everyHandoff(end)) for (const { move } of history) moves.add(move);
    }
    const seconds = (performance.now() - began) / 1000;
    console.log(`${HISTORIES} × ${EVENTS} events in ${seconds.toFixed(1)} s, ${((seconds * 1e6) / HISTORIES / EVENTS).toFixed(0)} µs each`);
    // The generator is worth something only while it gets everywhere.
    expect([...merges].sort()).toEqual(['left', 'merged', 'merging', 'moving', 'stopped', 'waiting']);
    expect(archived).toBeGreaterThan(0);
    expect([...moves].sort()).toEqual([...ALL_MOVES].sort());
  });
});
