/** Lists as tables, for a person at a terminal; pipes and scripts get the plain lines or the JSON. */
import { renderToString } from 'ink';
import { Table } from 'ink-table';
import { plain } from '../core/plain.ts';
import { duration } from '../core/time.ts';
import { isObject, type Json, type JsonObject } from '../core/tree.ts';
import { widthOf } from '../core/width.ts';

type Column = readonly [title: string, cell: (row: JsonObject) => string];

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  handoffs: [
    ['handoff', (row) => text(row.id)],
    ['from', (row) => text(row.from)],
    ['to', (row) => text(row.to)],
    ['phase', (row) => (row.closedAt === null ? text(row.phase) : text(row.closedAs) || 'closed')],
    ['priority', (row) => text(row.priority)],
    ['for', (row) => duration(Date.now() - Number(row.phaseSince))],
    ['needs you', (row) => (row.needsYou === true ? '⚑ yes' : row.held === true ? 'held' : '')],
    ['task', (row) => plain(text(row.task), 40)],
  ],
  ls: [
    ['workspace', (row) => plain(text(row.workspace), 60)],
    [
      'sessions',
      (row) =>
        typeof row.speaks === 'number'
          ? `coordtui ${text(row.version)}`
          : `${list(row.instances).filter((one) => isObject(one) && one.session === 'running').length} of ${list(row.instances).length}`,
    ],
    ['needs you', (row) => list(row.needsYou).map(text).join(', ')],
    ['autopilot', (row) => `${text(row.autopilot)}${row.paused === true ? ', paused' : ''}`],
  ],
};

/** null: this verb has no table, or there is nothing in it, or it does not fit. */
export function tableOf(verb: string, data: Json, columns: number): string | null {
  const shape = COLUMNS[verb];
  const rows = list(data).filter(isObject);
  if (shape === undefined || rows.length === 0) return null;
  const cells = rows.map((row) => Object.fromEntries(shape.map(([title, cell]) => [title, measured(cell(row))])));
  const drawn = renderToString(<Table data={cells} />, { columns: Math.max(columns, 400) });
  return drawn.split('\n').some((line) => widthOf(line) > columns) ? null : drawn;
}

/** The table counts characters where the terminal counts cells: a wide one gets a companion without width. */
function measured(value: string): string {
  const missing = widthOf(value) - value.length;
  return missing > 0 ? value + '\u200b'.repeat(missing) : value;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
