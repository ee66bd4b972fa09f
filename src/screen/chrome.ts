/** The frame of chrome that Ink makes, one string with colours, into cells. */

import { type Grid, text } from './grid.ts';
import { applySgr } from './sgr.ts';
import { PLAIN_STYLE } from './style.ts';

/** A sequence, whole or cut off by the end: CSI; the strings of OSC, DCS, SOS, PM and APC; the short ones. */
const SEQUENCE = /\u001b(?:\[([0-?]*)([ -/]*)([@-~])?|[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|[ -/]*[0-~]?)/uy;
const ESCAPE = '\u001b';

/**
 * Draws the frame with its first character at (`x`, `y`), one line per row; the cells beyond a line's end are left as
 * they are. Only SGR and printable characters count: a sequence that would do anything else is left out.
 */
export function drawChrome(grid: Grid, frame: string, x = 0, y = 0): void {
  let style = PLAIN_STYLE;
  let row = y;
  for (const line of frame.split('\n')) {
    if (row >= grid.rows) return;
    let column = x;
    let at = 0;
    while (at < line.length) {
      const next = line.indexOf(ESCAPE, at);
      const end = next === -1 ? line.length : next;
      if (end > at) column = text(grid, column, row, line.slice(at, end), style);
      if (next === -1) break;
      SEQUENCE.lastIndex = next;
      const sequence = SEQUENCE.exec(line);
      if (sequence?.[3] === 'm' && sequence[2] === '' && !/^[<-?]/u.test(sequence[1] ?? '')) style = applySgr(style, sequence[1] ?? '');
      at = sequence === null ? next + 1 : SEQUENCE.lastIndex;
    }
    row += 1;
  }
}
