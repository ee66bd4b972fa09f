/**
 * What Ink and its packages ask for by the names of other packages; `bin/build.js` puts it in their place. Two tables of
 * widths would tear the chrome, and theirs take longer to load than all the rest of Ink.
 */
import { stripVTControlCharacters } from 'node:util';
import { clusters, widthOf } from '../core/width.ts';

const SEQUENCE = /[\u001b\u009b]/;

/** As the package `string-width`: the cells of a text, without its escape sequences. */
export function stringWidth(text: unknown): number {
  if (typeof text !== 'string' || text === '') return 0;
  return widthOf(SEQUENCE.test(text) ? stripVTControlCharacters(text) : text);
}

type Segment = { readonly segment: string; readonly index: number };
type Segments = Iterable<Segment> & { containing(at: number): Segment | undefined };

/** As `new Intl.Segmenter(undefined, { granularity: 'grapheme' })`, as far as it is asked. */
export const segmenter = {
  segment(text: string): Segments {
    const found: Segment[] = [];
    let index = 0;
    for (const { text: segment } of clusters(text)) {
      found.push({ segment, index });
      index += segment.length;
    }
    return {
      [Symbol.iterator]: () => found[Symbol.iterator](),
      // Asked from the left to the right, of texts as long as a row.
      containing: (at) => found.find((one) => at >= one.index && at < one.index + one.segment.length),
    };
  },
};
