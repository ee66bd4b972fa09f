/** Looking for a text, in one thing that is read or in all of them: where to go on when there is no more of it here. */
import type { FindFrom } from '../pane/looking.ts';
import type { Reader } from '../pane/reader.ts';
import type { ReadKey } from '../view/reading.ts';

export type Finding = {
  /** While it is typed: from where the view stood when that began. The first of the keys is what is read. */
  find(keys: readonly ReadKey[], text: string, down: boolean, then: Found): void;
  again(keys: readonly ReadKey[], same: boolean, then: Found): void;
  /** Nothing is looked for any more, anywhere. */
  stop(): void;
};

/** In which of them it was found; null: in none. */
export type Found = (key: ReadKey | null) => void;

export function createFinding(readerOf: (key: ReadKey) => Reader | null): Finding {
  let wanted = '';
  let isDown = false;
  let marked: readonly ReadKey[] = [];
  // A later key makes what an earlier one asked for void.
  let asked = 0;

  const mark = (keys: readonly ReadKey[], text: string): void => {
    for (const key of marked) if (!keys.includes(key)) readerOf(key)?.lookFor('');
    for (const key of keys) readerOf(key)?.lookFor(text);
    marked = text === '' ? [] : keys;
    wanted = text;
  };

  /** This one up to its end, the others from theirs, and at last this one once round. */
  const walk = (keys: readonly ReadKey[], from: FindFrom, down: boolean, then: Found): void => {
    const turn = ++asked;
    const [first, ...others] = keys;
    const steps = [{ key: first, at: from }, ...[...others, first].map((key) => ({ key, at: 'far' as FindFrom }))];
    const go = (index: number): void => {
      const step = steps[index];
      if (turn !== asked) return;
      if (step?.key === undefined) {
        then(null);
        return;
      }
      const { key, at } = step;
      const reader = readerOf(key);
      if (reader === null) go(index + 1);
      else reader.next(at, down, (found) => (found ? turn === asked && then(key) : go(index + 1)));
    };
    go(0);
  };

  return {
    find(keys, text, down, then) {
      isDown = down;
      mark(keys, text);
      if (text === '') then(keys[0] ?? null);
      else walk(keys, 'begun', down, then);
    },
    again(keys, same, then) {
      if (wanted === '') return then(null);
      const [key] = keys;
      // Somewhere else by now: what is looked for goes along.
      if (key !== undefined && !marked.includes(key)) mark([key], wanted);
      walk(marked.length > 1 ? keys.filter((one) => marked.includes(one)) : keys.slice(0, 1), 'here', isDown === same, then);
    },
    stop() {
      asked++;
      mark([], '');
    },
  };
}
