/**
 * What the terminal answers to a program beyond what the emulator does by itself: its colours, whether it is light, its
 * name. In the order of the questions, also where one has to wait: programs ask for DA1 last and take what has not come
 * by then for unknown.
 */
import type { Terminal } from '@xterm/headless';
import type { OuterColours } from './outer-colours.ts';

/** Answers held back at most; a program that asks on without reading gets the rest not at all. */
const HELD_AT_MOST = 256;
const NAME = '\u001bP>|coordtui\u001b\\';

type Answer = () => string | null;

/** The function by which all answers have to go. `colours` null: nobody knows any, and nothing waits. */
export function orderAnswers(terminal: Terminal, colours: OuterColours | null, send: (bytes: Buffer) => void): (text: string) => void {
  let held: Answer[] | null = null;

  function give(answer: Answer): void {
    const text = answer();
    if (text !== null) send(Buffer.from(text, 'latin1'));
  }

  function release(): void {
    const answers = held ?? [];
    held = null;
    for (const answer of answers) give(answer);
  }

  function say(answer: Answer): void {
    if (held === null) give(answer);
    else if (held.length < HELD_AT_MOST) held.push(answer);
  }

  function ask(answer: Answer): void {
    if (held === null && colours?.awaits(release)) held = [];
    say(answer);
  }

  const colour = (which: string) =>
    ask(() => {
      const found = colours?.of(which) ?? null;
      return found === null ? null : `\u001b]${which};${found}\u001b\\`;
    });

  const { parser } = terminal;
  parser.registerOscHandler(4, (payload) => {
    const fields = payload.split(';', 2 * HELD_AT_MOST);
    for (let at = 0; at + 1 < fields.length; at += 2) {
      if (fields[at + 1] === '?' && /^\d{1,3}$/u.test(fields[at] ?? '')) colour(`4;${Number(fields[at])}`);
    }
    return true;
  });
  // A second parameter is for the next of the three, and so on.
  for (const first of [10, 11, 12]) {
    parser.registerOscHandler(first, (payload) => {
      for (const [at, field] of payload.split(';', 13 - first).entries()) if (field === '?') colour(String(first + at));
      return true;
    });
  }
  parser.registerCsiHandler({ prefix: '?', final: 'n' }, ([question]) => {
    if (question !== 996) return false;
    ask(() => {
      const light = colours?.isLight() ?? null;
      return light === null ? null : `\u001b[?997;${light ? 2 : 1}n`;
    });
    return true;
  });
  parser.registerCsiHandler({ prefix: '>', final: 'q' }, ([question]) => {
    if (question === 0 || question === undefined) say(() => NAME);
    return true;
  });
  return (text) => say(() => text);
}
