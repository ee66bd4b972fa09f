/** The palette: a command line, and under it what could be meant. */
import { plain } from '../../core/plain.ts';
import type { Rect } from '../layout.ts';
import type { Panel } from '../panel.ts';
import { editedLine } from '../prompt/prompt.ts';
import { fitRow, type Row, span, spread } from '../row.ts';
import type { Overlay } from '../ui-state.ts';
import type { Entry } from './entries.ts';

export function palettePanel(overlay: Extract<Overlay, { kind: 'palette' }>, entries: readonly Entry[], rect: Rect): Panel {
  const width = rect.width - 2;
  const { line, problem } = overlay;
  const height = Math.max(0, rect.height - 3 - (problem === null ? 0 : 1));
  const index = Math.min(overlay.index, entries.length - 1);
  const top = Math.max(0, Math.min(index - Math.floor(height / 2), entries.length - height));
  const rows = entries.slice(top, top + height).map((entry, at) => entryRow(entry, top + at, top + at === index, width));
  return {
    rect,
    border: 'focus',
    title: [span('commands', 'focus')],
    titleEnd: entries.length === 0 ? [] : [span(`${index + 1} of ${entries.length}`, 'dim')],
    footEnd: [span('CONTROL', 'focus')],
    rows: [
      fitRow([span(' : ', 'key'), ...editedLine(line, width - 4)], width),
      ...(problem === null ? [] : [fitRow([span(' ! ', 'warn'), span(plain(problem, 300))], width)]),
      ...(rows.length === 0 && problem === null ? [fitRow([span('   ⏎ runs the line', 'dim')], width)] : rows),
    ],
  };
}

function entryRow({ text, detail, key, now }: Entry, index: number, marked: boolean, width: number): Row {
  const click = { kind: 'entry', index } as const;
  return spread(
    [
      span(marked ? ' ▸ ' : '   ', 'focus', click),
      span(text, marked ? 'bold' : now ? 'plain' : 'dim', click),
      span(detail === '' ? '' : `  ${detail}`, 'dim', click),
    ],
    [span(key === '' ? '' : ` ${key} `, 'key', click)],
    width,
  );
}
