/** How far back somebody reads, and how his search goes, in the border of what he reads. */
import type { Reading, ReadKey } from './reading.ts';
import { type PlaceMark, type Row, span } from './row.ts';

/** `↑ 12000/12000`, and a little more. */
const PLACE_WIDTH = 14;

export function foundText(reading: Reading | null): string {
  if (reading === null || reading.finding === null) return '';
  if (reading.found === null) return '…';
  const { index, count } = reading.found;
  if (count === 0) return 'nothing found';
  return index === 0 ? `${count} found` : `${index} of ${count}`;
}

/** Where the view stands is a slot: it changes with every line that the program prints. */
export function readRow(key: ReadKey, reading: Reading | null, fill: string, from: PlaceMark['from'] = 'end'): Row {
  const found = foundText(reading);
  const how = reading === null || reading.selecting === null ? found : `selecting by ${reading.selecting}s`;
  const place: PlaceMark = { key, from, fill, style: 'warn' };
  return [...(how === '' ? [] : [span(how, 'warn'), span(' ')]), { text: ' '.repeat(PLACE_WIDTH), place }, span(' ')];
}

/** `back` rows up of `max`, right-aligned; in a document, the rows that were passed. */
export function placeText(
  { back, max }: { readonly back: number; readonly max: number },
  { from, fill }: Pick<PlaceMark, 'from' | 'fill'>,
): string {
  const text = from === 'end' ? ` ↑ ${back}/${max}` : ` ↓ ${max - back}/${max}`;
  return text.length >= PLACE_WIDTH ? text.slice(0, PLACE_WIDTH) : fill.repeat(PLACE_WIDTH - text.length) + text;
}
