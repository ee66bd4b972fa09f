/** What a room that was killed would read: the fold of what the journal holds, compared with the state as far as either has changed. */
import type { State } from '../../../src/core/state.ts';
import { applyOps, diff, type Json, type JsonObject } from '../../../src/core/tree.ts';

export type Folded = {
  /** Takes one step's operations in. Throws with the path where fold and state differ. */
  follow(before: State, after: State): void;
  /** The same for what a journal's lines can hold: a value that JSON does not know is lost on the way. */
  readBack(state: State): void;
};

export function foldOf(initial: State): Folded {
  let folded = written(initial as unknown as JsonObject);
  /** Trees are never changed in place: two that were found alike stay alike. */
  const alike = new WeakMap<object, object>();

  function differs(state: Json | undefined, fold: Json | undefined, path: string): string | null {
    if (state === fold) return null;
    if (typeof state !== 'object' || state === null || typeof fold !== 'object' || fold === null) return path;
    if (alike.get(state) === fold) return null;
    if (Array.isArray(state) !== Array.isArray(fold)) return path;
    const [ours, theirs] = [state as JsonObject, fold as JsonObject];
    for (const key of Object.keys(ours)) {
      if (ours[key] === undefined) continue;
      const found = differs(ours[key], Object.hasOwn(theirs, key) ? theirs[key] : undefined, `${path}/${key}`);
      if (found !== null) return found;
    }
    for (const key of Object.keys(theirs)) if (ours[key] === undefined) return `${path}/${key}`;
    alike.set(state, fold);
    return null;
  }

  function agrees(state: State, fold: JsonObject): void {
    const found = differs(state as unknown as Json, fold, '');
    if (found !== null) throw new Error(`the fold of the journal differs at ${found}`);
  }

  return {
    follow(before, after) {
      const ops = diff(before as unknown as JsonObject, after as unknown as JsonObject);
      folded = applyOps(folded, ops);
      agrees(after, folded);
    },
    readBack(state) {
      folded = written(folded);
      agrees(state, folded);
    },
  };
}

function written<Value extends Json>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
