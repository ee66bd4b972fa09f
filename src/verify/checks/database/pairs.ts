/** Which interface describes which table: by what they are called, and by how much they have in common. */
import { type Column, type Schema, type Table, wordOf } from '../sql/schema.ts';
import type { Field, Shape } from './shapes.ts';

/** `row`: it says what a query gives. `domain`: it is the program's own idea of the thing, which may leave out and rename. */
export type Pair = { readonly shape: Shape; readonly table: Table; readonly kind: 'row' | 'domain' };

const ROW = /(?:Row|Record|Entity|Model|Table|Schema|Raw|Db|DB|Dbo)$|^(?:Db|DB|Raw)(?=[A-Z])/;
/** What goes in, what is asked for and what is shown has fields of its own. */
const NO_ROW =
  /(?:Input|Dto|DTO|Request|Response|Payload|Params|Args|Props|State|Query|Filters?|Options|Summary|View|Form|Patch|Update|Insert|Create|Event|Message|Result|List|Page|Context|Config|Service|Repository|Store|Api|Client|Details?|Preview|Item|Stats|Body|Values|Data|With[A-Z]\w*)$|^(?:New|Create|Update|Insert|Insertable|Patch|Partial|Public|Upsert|Use)(?=[A-Z])/;
const SCREEN = /(^|\/)(?:components?|pages?|views?|hooks?|renderer|frontend|client|web|ui)(\/|$)|\.[jt]sx$/;

const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/people$/, 'person'],
  [/children$/, 'child'],
  [/ies$/, 'y'],
  [/(ss|us|is)$/, '$1'],
  [/(ch|sh|x|ss|z)es$/, '$1'],
  [/uses$/, 'us'],
  [/s$/, ''],
];

function singular(word: string): string {
  const ending = ENDINGS.find(([pattern]) => pattern.test(word));
  return ending === undefined ? word : word.replace(ending[0], ending[1]);
}

const wordFor = (name: string) => singular(wordOf(name));

/** @param named interface → table, as the config says */
export function pairUp(shapes: readonly Shape[], schema: Schema, named: Readonly<Record<string, string>>): Pair[] {
  const tables = [...schema.tables.values()];
  const byWord = (word: string) =>
    tables.find((table) => wordFor(table.name) === word || (table.model !== undefined && wordFor(table.model) === word));
  const listed = listedTables(shapes, byWord);
  const pairs = shapes.flatMap((shape): Pair[] => {
    const wanted = named[shape.name] ?? shape.table;
    const told = wanted == null ? listed.get(shape.name) : byWord(wordFor(wanted.split('.').at(-1) ?? ''));
    if (told !== undefined) return [{ shape, table: told, kind: 'row' }];
    const exact = byWord(wordFor(shape.name.replace(/^I(?=[A-Z][a-z])/, '')));
    if (exact === undefined && NO_ROW.test(shape.name)) return [];
    const isRow = exact === undefined && ROW.test(shape.name);
    const table = exact ?? byWord(wordFor(shape.name.replace(ROW, '').replace(/^I(?=[A-Z][a-z])/, '')));
    if (table === undefined || !isLike(shape, table, isRow)) return [];
    return [{ shape, table, kind: isRow ? 'row' : 'domain' }];
  });
  return pairs.filter((pair) => pair.kind === 'row' || isBestKnown(pair, pairs));
}

/** Where a row is described as such, the program's own idea of it may differ; so may a screen's, where somebody else has one. */
function isBestKnown(pair: Pair, all: readonly Pair[]): boolean {
  const rivals = all.filter((other) => other !== pair && other.table === pair.table);
  if (rivals.some((other) => other.kind === 'row')) return false;
  return !SCREEN.test(pair.shape.place.file) || rivals.every((other) => SCREEN.test(other.shape.place.file));
}

/** Kysely and its like: `interface Database { orders: OrdersTable; … }`. */
function listedTables(shapes: readonly Shape[], byWord: (word: string) => Table | undefined): Map<string, Table> {
  const listed = new Map<string, Table>();
  for (const shape of shapes) {
    if (!/^(?:\w*Database|\w*DB|\w*Db|Tables|\w*Schema)$/.test(shape.name)) continue;
    const found = shape.fields.flatMap((field) => {
      const table = byWord(wordFor(field.name));
      return table !== undefined && field.refers !== null ? [[field.refers, table] as const] : [];
    });
    if (found.length >= 2) for (const [name, table] of found) listed.set(name, table);
  }
  return listed;
}

/** A type that only shares a word with a table has hardly a field in common with it. */
function isLike(shape: Shape, table: Table, isRow: boolean): boolean {
  const own = shape.fields.filter((field) => !isRelation(field));
  const shared = own.filter((field) => columnFor(table, field) !== undefined).length;
  return isRow ? shared >= 1 && shared * 3 >= own.length : shared >= 2 && shared * 5 >= own.length * 3;
}

export function columnFor(table: Table, field: Field): Column | undefined {
  const word = wordOf(field.name);
  return [...table.columns.values()].find(
    (column) => wordOf(column.name) === word || (column.field !== undefined && wordOf(column.field) === word),
  );
}

/** Other things that hang on it, which a join or a second query brings. */
export function isRelation(field: Field): boolean {
  const kinds = [...field.kinds];
  return kinds.length > 0 && kinds.every((kind) => kind === 'object' || kind === 'array') && field.name !== 'id';
}
