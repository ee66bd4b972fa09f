/**
 * The loop of Instance 3: queue → step → persist → perform. Holds the one state variable. Whatever happens
 * waits in one queue, so that a step always sees the whole state and nothing overtakes anything.
 */

import { beat, gapOf, type Pulse } from '../core/awake.ts';
import type { Command } from '../core/command.ts';
import type { Actor, Event } from '../core/event.ts';
import type { InstanceId, Ms } from '../core/ids.ts';
import type { Clock, Store } from '../core/ports.ts';
import { failure, type Reply } from '../core/reply.ts';
import type { TreeRef } from '../core/report.ts';
import type { State } from '../core/state.ts';
import { step } from '../core/step.ts';
import { diff, type JsonObject, type Op } from '../core/tree.ts';
import type { Observed } from '../core/vital-signs.ts';
import { gather, type How, type Thought } from './hearing.ts';
import { createKeeper, RETRY_MS } from './keeper.ts';
import { createPerformer, type PerformerPorts } from './perform.ts';
import { type FromJournal, openRecall, type Recall } from './recall.ts';
import { documentsOwed, lastAwake, ownOps, recordOf, withDocuments } from './record.ts';
import { createTurns } from './turns.ts';

/** An event as its source knows it; time and seed are stamped when its turn comes. */
export type Happening = Event extends infer E ? (E extends Event ? Omit<E, 'at' | 'seed' | 'awake' | 'jump'> : never) : never;

export type Ports = Omit<PerformerPorts, 'tell'> & {
  readonly store: Store;
  readonly clock: Clock;
  /** The tree as it is now, for the base of an assignment to this instance; null when it cannot be known. */
  readonly tree: (instance: InstanceId | null) => Promise<TreeRef | null>;
  /** What is seen of the sessions at a look. */
  readonly observe?: () => Promise<readonly Observed[]>;
  /** The journal's last records: what a room that was killed between journal and document still had to write. */
  readonly unfinished?: readonly { readonly note?: JsonObject }[];
  readonly archived?: FromJournal;
};

export type Observer = {
  /** After each step that changed something, once it is durable. */
  changed?(before: State, after: State, event: Event): void;
  /** Operations of the coordinator's own that are durable now. */
  durable?(ops: readonly Op[]): void;
  /** The store cannot keep anything (disk full) or can again. */
  stalled?(why: string | null): void;
};

export type Coordinator = Pick<Recall, 'stateWith'> & {
  state(): State;
  /** When the coordinator looks again by itself; everything else that happens makes it look at once. */
  nextCycleAt(): Ms;
  /** Why nothing can be kept at the moment; null when all is well. */
  stalled(): string | null;
  tell(happening: Happening): void;
  /** Time that counts, now: what health ages by. */
  awake(): Ms;
  /** Looks again, without content: doubled and early pokes do no harm. */
  poke(cause: string): void;
  command(by: Actor, command: Command): Promise<Reply>;
  observe(observer: Observer): () => void;
  /** Resolves when the loop stands still; rejects never. */
  close(): Promise<void>;
  /** Rejects when the store is lost for good: the room then has to end. */
  readonly lost: Promise<never>;
};

const OWN: How = { kind: 'coord', id: null };

export function createCoordinator(initial: State, ports: Ports): Coordinator {
  let state = initial;
  let closing = false;
  let poked: string | null = null;
  let looking = false;
  const turns = createTurns();
  const recall = openRecall(() => state, ports.archived);
  const observers = new Set<Observer>();
  const cancels = new Set<() => void>();
  /** Commands whose turn has not come; a full disk answers them at once. */
  const waiting = new Set<(reply: Reply) => void>();
  const keeper = createKeeper({ store: ports.store, clock: ports.clock, onStall: (why) => stalled(why) });
  const performer = createPerformer({ ...ports, tell: (happening) => tell(happening), wake: (at) => wake(at) });

  const steady = () => ports.clock.steady?.() ?? ports.clock.now();
  let pulse: Pulse = { at: ports.clock.now(), steady: steady(), awake: lastAwake(initial) };
  const look = () => beat(pulse, ports.clock.now(), steady(), gapOf(state.coordinator.config.policy.monitorIntervalMs));

  const wake = (at: number) => {
    if (closing) return;
    const cancel = ports.clock.at(at, () => {
      cancels.delete(cancel);
      poke('wake');
    });
    cancels.add(cancel);
  };

  const think = (before: State, happening: Happening, how: How): Thought => {
    const { pulse: now, jump } = look();
    pulse = now;
    const event = { ...happening, at: now.at, awake: now.awake, ...(jump === 0 ? {} : { jump }), seed: ports.clock.seed() } as Event;
    const { state: after, effects, reply } = step(before, event);
    const ops = diff(before as unknown as JsonObject, after as unknown as JsonObject);
    const entry = withDocuments({ ...how, event: recordOf(event), ops }, effects);
    return { before, event, after, effects, reply, entry };
  };

  /** Persist before speaking: journal, then documents and status file, then everything else. */
  const take = async (happening: Happening): Promise<Reply | null> => {
    const thought = think(state, happening, OWN);
    // While nothing can be kept even a step without change is written: it finds out when that is over.
    if (thought.entry.ops.length > 0 || keeper.blocked()) {
      if (!(await keeper.keep([thought.entry], happening.type === 'command' ? 'refuse' : 'wait'))) return full();
    }
    await adopt(thought, true);
    return thought.reply;
  };

  /** Of what is durable. `shown`: the status file says it before anything follows from it. */
  const adopt = async ({ before, event, after, effects, entry: { ops } }: Thought, shown: boolean) => {
    // Whoever asks the room hears of it from the next lines on, so documents and status file say it already.
    await performer.documents(effects);
    if (shown && ops.some((op) => op[0][0] === 'document')) await project();
    state = after;
    pace();
    if (ops.length > 0) for (const observer of observers) observer.changed?.(before, after, event);
    for (const observer of observers) observer.durable?.(ownOps(event, ops, before.document, after.document));
    performer.perform(effects);
  };

  /** A status file that lags behind the journal harms nobody who asks the room; it is written when there is space. */
  const project = async () => {
    if (!(await keeper.project())) wake(ports.clock.now() + RETRY_MS);
  };

  const full = (): Reply =>
    failure('cannotWrite', `nothing can be kept at the moment: ${keeper.stalled()}`, 'make room on the disk; the room goes on by itself');

  const stalled = (why: string | null) => {
    for (const observer of observers) observer.stalled?.(why);
    if (!keeper.blocked()) return;
    for (const answer of waiting) answer(full());
    waiting.clear();
    poke('full disk');
  };

  const tell = (happening: Happening) => {
    if (!closing) void turns.take(() => take(happening));
  };

  const poke = (cause: string) => {
    poked = cause;
    if (looking || closing) return;
    looking = true;
    void turns.take(async () => {
      looking = false;
      const why = poked ?? cause;
      poked = null;
      await listen();
      const observed = (await ports.observe?.()) ?? [];
      await take({ type: 'tick', cause: why, ...(observed.length === 0 ? {} : { observed }) });
    });
  };

  /** Everything that was written outside since the last look, one record each: as many in one write as can be. */
  const listen = async () => {
    const found = await ports.store.capture();
    for (let done = 0; done < found.length; ) {
      const batch = gather({ ahead: ports.store.ahead(), found, from: done, state, think, now: steady });
      const kept = await keeper.keep(
        batch.map(({ entry }) => entry),
        'wait',
      );
      if (!kept) return;
      for (const [index, foreign] of found.slice(done, done + batch.length).entries()) {
        const thought = batch[index] as Thought;
        // A report that nothing follows from is shown with those that came with it: one file for all of them.
        await adopt(thought, thought.effects.length > 0);
        await ports.store.settle(foreign);
      }
      done += batch.length;
      if (done < found.length) await project();
    }
    // Also when nothing was heard: somebody may have removed the file, or written the same content anew.
    await project();
  };

  const owed = documentsOwed(ports.unfinished ?? []);
  if (owed.length > 0) void turns.take(() => performer.documentsAgain(owed));
  let every = 0;
  let nextCycleAt = 0;
  let interval: NodeJS.Timeout | undefined;
  /** As often as the config that acts says. */
  const pace = () => {
    const { monitorIntervalMs } = state.coordinator.config.policy;
    if (closing || every === monitorIntervalMs) return;
    every = monitorIntervalMs;
    nextCycleAt = ports.clock.now() + every;
    clearInterval(interval);
    interval = setInterval(() => {
      nextCycleAt = ports.clock.now() + every;
      poke('timer');
    }, every);
  };
  pace();
  const unwatch = ports.store.onPoke(() => poke('status'));

  return {
    state: () => state,
    stateWith: recall.stateWith,
    awake: () => look().pulse.awake,
    nextCycleAt: () => nextCycleAt,
    stalled: keeper.stalled,
    tell,
    poke,
    command(by, command) {
      if (closing) return Promise.resolve(failure('noRoom', `${command.verb}: the room is ending`, 'start it again: coordtui serve'));
      if (keeper.blocked() && turns.count() > 0) return Promise.resolve(full());
      return new Promise((resolve, reject) => {
        waiting.add(resolve);
        turns
          .take(async () => {
            const about = command.verb === 'assign' ? command.instance : null;
            const tree = about !== null || command.verb === 'config.accept' ? await ports.tree(about) : null;
            await listen();
            if (!waiting.delete(resolve)) return;
            const reply = await take({ type: 'command', by, command, tree, recalled: await recall.namedIn(command) });
            if (reply === null) throw new Error(`the verb ${command.verb} has no answer`);
            resolve(reply);
          })
          .catch(reject);
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
      keeper.close();
      performer.cancelAll();
      await turns.settled();
      // What was still waiting for its turn may have begun another run.
      performer.cancelAll();
      await performer.settled();
    },
    lost: turns.lost,
  };
}
