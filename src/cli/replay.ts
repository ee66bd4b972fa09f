/** `coordtui replay`: the journal for a reader, record by record or as of one of them; with or without a room. */
import { existsSync } from 'node:fs';
import { rowsOf } from '../core/archived-handoff.ts';
import { counted } from '../core/counted.ts';
import type { HandoffId } from '../core/ids.ts';
import { plain } from '../core/plain.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { State } from '../core/state.ts';
import { parseEstimate } from '../core/terms.ts';
import { timelineOf } from '../core/timeline.ts';
import { isObject, type Json, type JsonObject, type Op } from '../core/tree.ts';
import { type PastRecord, readPast, type Until } from '../store/past.ts';
import type { JournalRecord } from '../store/record.ts';
import type { Context } from './context.ts';

const LINES = 200;
const MAX_LINES = 100_000;
const PATHS_TOLD = 4;
const PATH_KEYS = 4;

export async function replay(context: Context): Promise<Reply> {
  const { args, paths } = context;
  const lines = args.lines === undefined ? LINES : Number(args.lines);
  if (!Number.isInteger(lines) || lines < 1 || lines > MAX_LINES)
    return failure('usage', `replay: --lines must be a whole number from 1 to ${MAX_LINES}`, 'see: coordtui replay --help');
  const given = typeof args.at === 'string' ? args.at : null;
  const until = given === null ? 'newest' : untilOf(given, Date.now());
  if (until === null)
    return failure(
      'usage',
      `replay: "${plain(given ?? '', 40)}" is neither a record nor a time`,
      'a number (42), how long ago (45m, 12h, 3d), or a time (2026-11-21T10:41, UTC with a Z)',
    );
  if (!existsSync(paths.journalDir))
    return failure('notFound', `replay: no room has run in ${paths.root} yet, so there is no journal`, 'begin one: coordtui serve');
  const told: PastRecord[] = [];
  const kept = given === null ? lines : 1;
  const past = readPast(paths.statusDir, until, kept, (one) => {
    told.push(one);
    if (told.length > kept) told.shift();
  });
  const last = told.at(-1);
  if (!past.ok) {
    for (const one of told) context.warn(lineOf(one));
    return failure('cannotWrite', `replay: the journal is damaged: ${past.issue}`, 'what can be done: coordtui recover');
  }
  if (last === undefined)
    return failure('notFound', `replay: there is no record ${given === null ? 'yet' : `at ${given}`}`, 'begin one: coordtui serve');
  return given === null ? done(told.map(lineOf).join('\n'), told.map(dataOf)) : asOf(last);
}

/** A number is a record's; anything else a time, at the end of which one looks. */
function untilOf(text: string, now: number): Until | null {
  if (/^\d{1,15}$/u.test(text)) return { seq: Number(text) };
  const ago = parseEstimate(text);
  const at = ago === null ? Date.parse(text) : now - ago;
  return Number.isNaN(at) ? null : { t: new Date(at).toISOString() };
}

function headOf({ seq, t, kind }: JournalRecord): string {
  return `${String(seq).padStart(7)}  ${t.slice(0, 19).replace('T', ' ')}  ${kind.padEnd(8)}`;
}

function lineOf(one: PastRecord): string {
  const [first = '', ...more] = textsOf(one);
  return [`${headOf(one.record)}  ${first}`, ...more.map((line) => `    ${line}`)].join('\n');
}

/** What people call it, where the record changed something that has a name; else what it was, and where it changed something. */
function textsOf({ record, before, tree }: PastRecord): string[] {
  if (record.kind === 'snapshot')
    return [record.recovered === undefined ? 'all of it, to go on from' : `repaired from record ${record.recovered.from}`];
  const told =
    before === null || !isState(before) || !isState(tree)
      ? []
      : timelineOf(record.seq, before as unknown as State, tree as unknown as State, record.event).flatMap(({ text, details }) => [
          text,
          ...details,
        ]);
  const type = isObject(record.event) && typeof record.event.type === 'string' ? record.event.type : record.kind;
  return told.length > 0 ? told.map((line) => plain(line, 400)) : [`${plain(type, 60)}${changed(record.ops)}`];
}

function changed(ops: readonly Op[]): string {
  const places = [...new Set(ops.map(([path]) => path.slice(0, PATH_KEYS).join('.')))];
  const more = places.length > PATHS_TOLD ? ` and ${places.length - PATHS_TOLD} more` : '';
  return places.length === 0
    ? ''
    : `: ${places
        .slice(0, PATHS_TOLD)
        .map((place) => plain(place, 80))
        .join(', ')}${more}`;
}

function dataOf(one: PastRecord): Json {
  const { record } = one;
  const { seq, t, kind } = record;
  const text = textsOf(one);
  return record.kind === 'snapshot'
    ? { seq, t, kind, text }
    : { seq, t, kind, text, id: record.id, event: record.event, ops: record.ops as unknown as Json };
}

/** The state as one record left it. */
function asOf(one: PastRecord): Reply {
  const { record, tree } = one;
  const data = { seq: record.seq, t: record.t, kind: record.kind, ...tree };
  const summary = isState(tree) ? summaryOf(tree as unknown as State) : [];
  return done([lineOf(one), ...summary, '', 'all of it: the same with --json'].join('\n'), data);
}

function summaryOf({ coordinator }: State): string[] {
  const { autopilot, instances, handoffs, archive } = coordinator;
  const open = Object.entries(handoffs).filter(([, { closedAt }]) => closedAt === null);
  const closed = Object.keys(handoffs).length - open.length + rowsOf(archive).length;
  return [
    '',
    `autopilot: ${autopilot.dial}${autopilot.paused ? ', paused' : ''}`,
    ...Object.entries(instances).map(([id, { session }]) => `${plain(id, 60)}: session ${session}`),
    ...open.map(
      ([id, { phase, epoch, from, to, task }]) => `${id as HandoffId} ${phase}, epoch ${epoch}, ${from} → ${to}: ${plain(task, 60)}`,
    ),
    `${counted(closed, 'closed handoff')}`,
  ];
}

function isState(tree: JsonObject): boolean {
  return isObject(tree['coordinator']) && isObject(tree['coordinator'].handoffs) && isObject(tree['coordinator'].instances);
}
