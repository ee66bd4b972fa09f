/** The round that runs now, as screens show it: which checks wait, run and are done, and what they print. */

import type { Coordinator } from '../coordinator/coordinator.ts';
import type { CheckId, HandoffId, Ms } from '../core/ids.ts';
import { outcomeLine, outcomeSign } from '../core/outcome-line.ts';
import type { Handoff } from '../core/state.ts';
import { readDurations } from '../verify/durations.ts';
import type { LiveCheck, LiveRound } from '../view/model.ts';
import type { RoundEvent, Rounds } from './rounds.ts';

export type LiveOptions = {
  readonly coordinator: Coordinator;
  readonly rounds: Rounds;
  readonly evidenceDir: string;
  readonly now: () => Ms;
  readonly changed: () => void;
  /** What the checks print, with a line before each of them. */
  readonly print: (bytes: Uint8Array) => void;
};

export type Live = { current(): LiveRound | null; close(): void };

export function followRounds({ coordinator, rounds, evidenceDir, now, changed, print }: LiveOptions): Live {
  let live: LiveRound | null = null;
  let lastMs: ReadonlyMap<string, number> = new Map();
  const learn = () => {
    void readDurations(evidenceDir).then((durations) => {
      lastMs = durations;
    });
  };
  learn();

  const say = (text: string) => print(Buffer.from(text));

  const begin = (handoff: Handoff) => {
    const { checks } = coordinator.state().coordinator.config.verification;
    live = {
      handoff: handoff.id,
      epoch: handoff.epoch,
      startedAt: now(),
      checks: checks.map(({ id }) => waiting(id, lastMs.get(id) ?? null)),
    };
    say(`\x1b[2J\x1b[3J\x1b[H\x1b[1m${handoff.id}, round ${handoff.epoch}\x1b[0m\r\n`);
  };

  const change = (check: CheckId, what: Partial<LiveCheck>) => {
    if (live === null) return;
    const known = live.checks.some((one) => one.check === check);
    const checks = known ? live.checks : [...live.checks, waiting(check, lastMs.get(check) ?? null)];
    live = { ...live, checks: checks.map((one) => (one.check === check ? { ...one, ...what } : one)) };
  };

  const onEvent = (event: RoundEvent) => {
    if (live === null || live.handoff !== event.handoff) live = trial(event.handoff, now());
    if (event.type === 'output') {
      // A check writes for a file, where a line ends without a carriage return.
      print(withReturns(event.bytes));
      return;
    }
    if (event.type === 'started') {
      change(event.check, { state: 'running', startedAt: now() });
      say(`\x1b[2m▸ ${event.check}\x1b[0m\r\n`);
    } else {
      const { check, outcome, reason, tests, durationMs } = event.report;
      change(check, { state: 'done', outcome, reason, tests, durationMs });
      say(`\x1b[2m${outcomeSign(outcome)} ${outcomeLine({ check, outcome, reason })}\x1b[0m\r\n`);
    }
    changed();
  };

  const stopRounds = rounds.subscribe(onEvent);
  const stopState = coordinator.observe({
    changed(_before, after) {
      const running = Object.values(after.coordinator.handoffs).find(
        (handoff) => handoff.rounds.at(-1)?.end === null && handoff.closedAt === null,
      );
      if (running !== undefined && (live?.handoff !== running.id || live.epoch !== running.epoch)) begin(running);
      else if (running === undefined && live !== null && live.handoff !== null) {
        live = null;
        learn();
      }
    },
  });
  return {
    current: () => live,
    close() {
      stopRounds();
      stopState();
    },
  };
}

function waiting(check: CheckId, lastMs: number | null): LiveCheck {
  return { check, state: 'waiting', outcome: null, reason: null, tests: null, startedAt: null, durationMs: null, lastMs };
}

function trial(handoff: HandoffId | null, at: Ms): LiveRound {
  return { handoff, epoch: null, startedAt: at, checks: [] };
}

function withReturns(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}
