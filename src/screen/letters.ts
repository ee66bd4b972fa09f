/** Most of a frame is letters that changed, one beside the other and of one look: these are written as one. */
import type { Grid } from './grid.ts';
import { LINKED } from './style.ts';

/** One byte each: a text that grew letter by letter would be made, and thrown away, as often. */
const LETTERS = Buffer.alloc(1024);
/** Of fewer the way through the bytes costs more than it saves. */
const SHORT = 8;

/** A run of letters: where it is over, and what it says. */
export type Letters = { end: number; text: string };

/**
 * The run of changed letters that begins at `index`, a cell that is written in any case, and is over before `end`; the cells
 * become those of `before`, too. False when there is none. Answers in `run`: an object for each would keep the collector busy.
 */
export function takeLetters(grid: Grid, before: Grid, index: number, end: number, run: Letters): boolean {
  // Locals, and one pass, since this loop runs over most cells of a frame.
  const { glyph, width, fg, bg, attributes, underline } = grid;
  const { glyph: glyph2, width: width2, fg: fg2, bg: bg2, attributes: attributes2, underline: underline2 } = before;
  const [look = 0, ink = 0, paper = 0, line = 0] = [attributes[index], fg[index], bg[index], underline[index]];
  if ((look & LINKED) !== 0) return false;
  const last = Math.min(end, index + LETTERS.length);
  let at = index;
  for (; at < last; at++) {
    const letter = glyph[at] ?? 0;
    if (letter < 0x20 || letter > 0x7e || width[at] !== 1) break;
    if (attributes[at] !== look || fg[at] !== ink || bg[at] !== paper || underline[at] !== line) break;
    const same =
      letter === glyph2[at] &&
      width2[at] === 1 &&
      ink === fg2[at] &&
      paper === bg2[at] &&
      look === attributes2[at] &&
      line === underline2[at];
    if (same && at > index) break;
    LETTERS[at - index] = letter;
    glyph2[at] = letter;
    width2[at] = 1;
    fg2[at] = ink;
    bg2[at] = paper;
    attributes2[at] = look;
    underline2[at] = line;
  }
  if (at === index) return false;
  run.end = at;
  run.text = textOf(at - index);
  return true;
}

function textOf(length: number): string {
  if (length >= SHORT) return LETTERS.toString('latin1', 0, length);
  let text = '';
  for (let at = 0; at < length; at++) text += String.fromCharCode(LETTERS[at] ?? 0x20);
  return text;
}
