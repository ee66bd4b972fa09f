/**
 * Ink measures text by a table of its own, and one character on which it disagrees with ours shifts the rest of the
 * line. So it never sees one: everything beyond ASCII is replaced by private characters, a cell each, before Ink
 * lays it out, and put back in the finished frame.
 */
import { clusters } from '../core/width.ts';

const FIRST = 0xe000;
/** Holds the second cell of a wide character; vanishes in the frame. */
const SECOND_CELL = '\uf8ff';
const LAST = 0xf8fe;
const ASCII = /^[ -~]*$/u;
const PRIVATE = /[\ue000-\uf8ff]/gu;

export type StandIns = {
  /** A text of `widthOf(text)` single cells. What takes no cell, an escape character too, is left out. */
  hide(text: string): string;
  show(frame: string): string;
};

export function standIns(): StandIns {
  const codes = new Map<string, string>();
  const texts: string[] = [];
  const codeFor = (text: string): string => {
    const known = codes.get(text);
    if (known !== undefined) return known;
    // Six thousand different characters on one screen are an attack, not a text.
    if (FIRST + texts.length > LAST) return '?';
    const code = String.fromCharCode(FIRST + texts.length);
    texts.push(text);
    codes.set(text, code);
    return code;
  };
  return {
    hide(text) {
      if (ASCII.test(text)) return text;
      return clusters(text)
        .map(({ text: cluster, width }) => {
          if (width === 0) return '';
          if (width === 1 && ASCII.test(cluster)) return cluster;
          return width === 2 ? codeFor(cluster) + SECOND_CELL : codeFor(cluster);
        })
        .join('');
    },
    show: (frame) => frame.replace(PRIVATE, (code) => (code === SECOND_CELL ? '' : (texts[code.charCodeAt(0) - FIRST] ?? '?'))),
  };
}
