/** What a room remembers for people: the logs of the day, the timeline, and when an operator last looked. */
import type { Coordinator } from '../coordinator/coordinator.ts';
import type { OpenStore } from '../store/store.ts';
import { keepLogbook } from './logbook.ts';
import { createSeen, type Seen } from './seen.ts';
import { createTimeline, type Timeline } from './timeline.ts';

export type Past = { readonly timeline: Timeline; readonly seen: Seen; close(): Promise<void> };

export type PastOptions = {
  readonly root: string;
  readonly coordinator: Coordinator;
  readonly store: Pick<OpenStore, 'history' | 'seq'>;
  readonly seenFile: string;
  readonly log: (sentence: string) => void;
};

export function keepPast({ root, coordinator, store, seenFile, log }: PastOptions): Past {
  const logbook = keepLogbook({ root, coordinator, now: Date.now, log });
  const timeline = createTimeline({ coordinator, history: store.history, seq: store.seq });
  return {
    timeline,
    seen: createSeen(seenFile, Date.now),
    async close() {
      timeline.close();
      await logbook.close();
    },
  };
}
