/** What was written outside, thought through one after the other, to be kept together: one write and one sync for many. */
import type { Effect } from '../core/effect.ts';
import type { Event } from '../core/event.ts';
import type { Ms } from '../core/ids.ts';
import type { Ahead, Entry, Foreign } from '../core/ports.ts';
import type { Reply } from '../core/reply.ts';
import type { State } from '../core/state.ts';
import type { Json, JsonObject } from '../core/tree.ts';
import type { Happening } from './coordinator.ts';

/** A step that nobody has heard of yet: it may still turn out that it cannot be kept. */
export type Thought = {
  readonly before: State;
  readonly event: Event;
  readonly after: State;
  readonly effects: readonly Effect[];
  readonly reply: Reply | null;
  readonly entry: Entry;
};

export type How = Pick<Entry, 'kind' | 'id' | 'note'>;

export type Gathering = {
  readonly ahead: Ahead;
  readonly found: readonly Foreign[];
  readonly from: number;
  readonly state: State;
  readonly think: (before: State, happening: Happening, how: How) => Thought;
  readonly now: () => Ms;
};

/** Thinking holds up the screens: not for longer than nobody notices. */
const MOST_MS = 40;
const MOST = 512;
/** What one write holds, roughly: a single foreign document may be as large as all of it. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** The next of what was found, at least one. What something follows from is the last: it is shown and done before more is heard. */
export function gather({ ahead, found, from, state, think, now }: Gathering): Thought[] {
  const end = now() + MOST_MS;
  const batch: Thought[] = [];
  let [before, characters] = [state, 0];
  for (const foreign of found.slice(from, from + MOST)) {
    const thought = think(before, ...heard(ahead, foreign));
    ahead.add(thought.entry);
    batch.push(thought);
    before = thought.after;
    characters += JSON.stringify(thought.entry).length;
    if (thought.effects.length > 0 || characters >= MOST_CHARACTERS || now() >= end) break;
  }
  return batch;
}

/** Journaled also when it changes nothing: only then is it known, and its file may go. */
function heard(ahead: Ahead, foreign: Foreign): [Happening, How] {
  const { id } = foreign;
  if (foreign.kind === 'broken') {
    const { source, why, quarantined } = foreign;
    return [
      { type: 'status.broken', source, why, quarantined },
      { kind: 'reject', id },
    ];
  }
  const { edits, refused, base, conflicts } = ahead.merge(foreign);
  const source = foreign.kind === 'set' ? foreign.by : foreign.source;
  const note = { source, base, conflicts: conflicts as unknown as Json } satisfies JsonObject;
  return [
    { type: 'status.edited', source, edits, refused, conflicts },
    { kind: foreign.kind === 'set' ? 'set' : 'ext', id, note },
  ];
}
