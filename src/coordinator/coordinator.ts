/**
 * The loop of Instance 3: queue → step → persist → perform. Holds the one state variable. Whatever happens
 * waits in one queue, so that a step always sees the whole state and nothing overtakes anything.
 */

import type { Command } from '../core/command.ts';
import type { Actor, Event } from '../core/event.ts';
import type { Clock, Entry, Foreign, Store } from '../core/ports.ts';
import { failure, type Reply } from '../core/reply.ts';
import type { TreeRef } from '../core/report.ts';
import type { State } from '../core/state.ts';
import { step } from '../core/step.ts';
import { diff, type Json, type JsonObject, type Op } from '../core/tree.ts';
import { createPerformer, type PerformerPorts } from './perform.ts';
import { codeOf, recordOf } from './record.ts';

/** An event as its source knows it; time and seed are stamped when its turn comes. */
export type Happening = Event extends infer E ? (E extends Event ? Omit<E, 'at' | 'seed'> : never) : never;

export type Ports = Omit<PerformerPorts, 'tell'> & {
  readonly store: Store;
  readonly clock: Clock;
  /** The tree as it is now, for the base of an assignment; null when it cannot be known. */
  readonly tree: () => Promise<TreeRef | null>;
};

export type Observer = {
  /** After each step that changed something, once it is durable. */
  changed?(before: State, after: State, event: Event): void;
  /** Operations of the coordinator's own that are durable now. */
  durable?(ops: readonly Op[]): void;
  /** The store cannot keep anything (disk full) or can again. */
  stalled?(why: string | null): void;
};

export type Coordinator = {
  state(): State;
  /** Why nothing can be kept at the moment; null when all is well. */
  stalled(): string | null;
  tell(happening: Happening): void;
  /** Looks again, without content: doubled and early pokes do no harm. */
  poke(cause: string): void;
  command(by: Actor, command: Command): Promise<Reply>;
  observe(observer: Observer): () => void;
  /** Resolves when the loop stands still; rejects never. */
  close(): Promise<void>;
  /** Rejects when the store is lost for good: the room then has to end. */
  readonly lost: Promise<never>;
};

const RETRY_MS = 500;

export function createCoordinator(initial: State, ports: Ports): Coordinator {
  let state = initial;
  let stalledBy: string | null = null;
  let closing = false;
  let poked: string | null = null;
  let looking = false;
  let tail: Promise<void> = Promise.resolve();
  let queued = 0;
  let fail: (error: Error) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    fail = reject;
  });
  lost.catch(() => {});
  const observers = new Set<Observer>();
  const cancels = new Set<() => void>();
  const performer = createPerformer({ ...ports, tell: (happening) => tell(happening), wake: (at) => wake(at) });

  /** Jobs run one after the other; one that throws loses the room, since nothing could be trusted after it. */
  const enqueue = <T>(job: () => Promise<T>): Promise<T> => {
    queued++;
    const run = tail.then(job);
    tail = run.then(
      () => {
        queued--;
      },
      (error: unknown) => {
        queued--;
        fail(error instanceof Error ? error : new Error(String(error)));
      },
    );
    return run;
  };

  const wake = (at: number) => {
    const cancel = ports.clock.at(at, () => {
      cancels.delete(cancel);
      poke('wake');
    });
    cancels.add(cancel);
  };

  /** Persist before speaking: journal, then documents and status file, then everything else. */
  const take = async (
    happening: Happening,
    how: Pick<Entry, 'kind' | 'id' | 'note'> = { kind: 'coord', id: null },
  ): Promise<Reply | null> => {
    const event = { ...happening, at: ports.clock.now(), seed: ports.clock.seed() } as Event;
    const before = state;
    const stepped = step(before, event);
    const ops = diff(before as unknown as JsonObject, stepped.state as unknown as JsonObject);
    if (ops.length > 0 || how.id !== null) {
      const kept = await keep({ ...how, event: recordOf(event), ops }, happening.type === 'command');
      if (!kept)
        return failure(
          'cannotWrite',
          `nothing can be kept at the moment: ${stalledBy}`,
          'make room on the disk; the room goes on by itself',
        );
    }
    state = stepped.state;
    await performer.documents(stepped.effects);
    if (ops.some((op) => op[0][0] === 'document')) await project();
    if (how.kind === 'coord') for (const observer of observers) observer.durable?.(ops);
    performer.perform(stepped.effects);
    if (ops.length > 0) for (const observer of observers) observer.changed?.(before, state, event);
    return stepped.reply;
  };

  /** A command is refused while the disk is full; anything else waits until it can be kept, in its place. */
  const keep = async (entry: Entry, isCommand: boolean): Promise<boolean> => {
    for (;;) {
      try {
        await ports.store.append(entry);
        stall(null);
        return true;
      } catch (error) {
        if (codeOf(error) !== 'full') throw error;
        stall(error instanceof Error ? error.message : String(error));
        if (isCommand || closing) return false;
        await pause();
      }
    }
  };

  const project = async () => {
    try {
      await ports.store.project();
    } catch (error) {
      if (codeOf(error) !== 'full') throw error;
      stall(error instanceof Error ? error.message : String(error));
      wake(ports.clock.now() + RETRY_MS);
    }
  };

  const stall = (why: string | null) => {
    if (stalledBy === why) return;
    stalledBy = why;
    for (const observer of observers) observer.stalled?.(why);
  };

  const pause = () =>
    new Promise<void>((resolve) => {
      const cancel = ports.clock.at(ports.clock.now() + RETRY_MS, () => {
        cancels.delete(cancel);
        resolve();
      });
      cancels.add(cancel);
    });

  const tell = (happening: Happening) => {
    if (!closing) void enqueue(() => take(happening));
  };

  const poke = (cause: string) => {
    poked = cause;
    if (looking || closing) return;
    looking = true;
    void enqueue(async () => {
      looking = false;
      const why = poked ?? cause;
      poked = null;
      await listen();
      await take({ type: 'tick', cause: why });
    });
  };

  /** Everything that was written outside since the last look, merged and journaled one by one. */
  const listen = async () => {
    for (const foreign of await ports.store.capture()) {
      await hear(foreign);
      await ports.store.settle(foreign);
    }
  };

  const hear = async (foreign: Foreign) => {
    if (foreign.kind === 'broken') {
      await take(
        { type: 'status.broken', source: foreign.source, why: foreign.why, quarantined: foreign.quarantined },
        { kind: 'reject', id: foreign.id },
      );
    } else {
      const { edits, refused, base, conflicts } = ports.store.merge(foreign);
      const source = foreign.kind === 'set' ? foreign.by : foreign.source;
      const note = { source, base, conflicts: conflicts as unknown as Json } satisfies JsonObject;
      if (edits.length > 0 || refused.length > 0 || foreign.kind === 'set') {
        await take(
          { type: 'status.edited', source, edits, refused },
          { kind: foreign.kind === 'set' ? 'set' : 'ext', id: foreign.id, note },
        );
      }
    }
    await project();
  };

  const interval = setInterval(() => poke('timer'), initial.coordinator.config.policy.monitorIntervalMs);
  const unwatch = ports.store.onPoke(() => poke('status'));

  return {
    state: () => state,
    stalled: () => stalledBy,
    tell,
    poke,
    command(by, command) {
      if (closing) return Promise.resolve(failure('noRoom', `${command.verb}: the room is ending`, 'start it again: coordtui serve'));
      if (stalledBy !== null && queued > 0) {
        return Promise.resolve(
          failure('cannotWrite', `nothing can be kept at the moment: ${stalledBy}`, 'make room on the disk; the room goes on by itself'),
        );
      }
      return enqueue(async () => {
        const tree = command.verb === 'assign' ? await ports.tree() : null;
        await listen();
        const reply = await take({ type: 'command', by, command, tree });
        if (reply === null) throw new Error(`the verb ${command.verb} has no answer`);
        return reply;
      });
    },
    observe(observer) {
      observers.add(observer);
      return () => observers.delete(observer);
    },
    async close() {
      closing = true;
      clearInterval(interval);
      unwatch();
      for (const cancel of cancels) cancel();
      performer.cancelAll();
      await tail;
      await performer.settled();
    },
    lost,
  };
}
