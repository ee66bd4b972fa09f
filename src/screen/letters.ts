/** Most of a frame is letters that changed, one beside the other and of one look: these are written as one. */
import type { Grid } from './grid.ts';
import { LINKED } from './style.ts';

/** One byte each: a text that grew letter by letter would be made, and thrown away, as often. */
const LETTERS = Buffer.alloc(1024);
/** Of fewer the way through the bytes costs more than it saves. */
const SHORT = 8;

/**
 * Where the run of changed letters is over that begins at `index`, a cell that is written in any case; `end` at the latest.
 * Answers `index` when there is none.
 */
export function endOfLetters(grid: Grid, before: Grid, index: number, end: number): number {
  // Locals, since this loop runs over most cells of a frame.
  const { glyph, width, fg, bg, attributes, underline } = grid;
  const { glyph: glyph2, width: width2, fg: fg2, bg: bg2, attributes: attributes2, underline: underline2 } = before;
  const [look, ink, paper, line] = [attributes[index] ?? 0, fg[index], bg[index], underline[index]];
  if ((look & LINKED) !== 0) return index;
  const last = Math.min(end, index + LETTERS.length);
  for (let at = index; at < last; at++) {
    const letter = glyph[at] ?? 0;
    if (letter < 0x20 || letter > 0x7e || width[at] !== 1) return at;
    if (attributes[at] !== look || fg[at] !== ink || bg[at] !== paper || underline[at] !== line) return at;
    const same =
      letter === glyph2[at] &&
      width2[at] === 1 &&
      ink === fg2[at] &&
      paper === bg2[at] &&
      look === attributes2[at] &&
      line === underline2[at];
    if (same && at > index) return at;
  }
  return last;
}

/** The text of cells that are letters, see `endOfLetters`. */
export function letters({ glyph }: Grid, from: number, to: number): string {
  if (to - from < SHORT) {
    let text = '';
    for (let at = from; at < to; at++) text += String.fromCharCode(glyph[at] ?? 0x20);
    return text;
  }
  for (let at = from; at < to; at++) LETTERS[at - from] = glyph[at] ?? 0x20;
  return LETTERS.toString('latin1', 0, to - from);
}

/** The cells of a run of letters: of them there is nothing else to be known, see `endOfLetters`. */
export function copyLetters(from: Grid, to: Grid, start: number, end: number): void {
  const { glyph, fg, bg, attributes, underline } = from;
  const { glyph: glyph2, width: width2, fg: fg2, bg: bg2, attributes: attributes2, underline: underline2 } = to;
  const [ink = 0, paper = 0, look = 0, line = 0] = [fg[start], bg[start], attributes[start], underline[start]];
  for (let at = start; at < end; at++) {
    glyph2[at] = glyph[at] ?? 0x20;
    width2[at] = 1;
    fg2[at] = ink;
    bg2[at] = paper;
    attributes2[at] = look;
    underline2[at] = line;
  }
}
