/** `schema.prisma`: models as tables. The format is one definition a line. */
import type { Column, Family, Schema, Table } from '../sql/schema.ts';
import { emptySchema, keyOf, newTable } from '../sql/schema.ts';

const FAMILIES: Readonly<Record<string, Family>> = {
  String: 'text',
  Boolean: 'boolean',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'float',
  Decimal: 'decimal',
  DateTime: 'date',
  Json: 'json',
  Bytes: 'bytes',
};

type Block = {
  readonly kind: string;
  readonly name: string;
  readonly lines: readonly { readonly text: string; readonly line: number }[];
  readonly line: number;
};

export type PrismaSchema = { readonly schema: Schema; readonly provider: string | null };

export function readPrisma(text: string, file: string): PrismaSchema {
  const blocks = blocksOf(text);
  const schema = emptySchema();
  for (const block of blocks) {
    if (block.kind !== 'enum') continue;
    schema.enums.set(
      keyOf(block.name),
      block.lines
        .filter(({ text: line }) => /^\w/.test(line))
        .map(({ text: line }) => /@map\("([^"]+)"\)/.exec(line)?.[1] ?? line.split(/\s/)[0] ?? ''),
    );
  }
  const models = blocks.filter((block) => block.kind === 'model' || block.kind === 'view');
  const names = new Set(models.map((model) => model.name));
  for (const model of models) {
    const table = tableOf(model, schema, names, file);
    schema.tables.set(keyOf(table.name), table);
  }
  // A foreign key names its model: the database knows the table.
  for (const table of schema.tables.values())
    table.foreignKeys.splice(
      0,
      Number.POSITIVE_INFINITY,
      ...table.foreignKeys.map((key) => ({
        ...key,
        table: [...schema.tables.values()].find((one) => one.model === key.table)?.name ?? key.table,
      })),
    );
  const source = blocks.find((block) => block.kind === 'datasource');
  const provider = source?.lines.map(({ text: line }) => /^provider\s*=\s*"(\w+)"/.exec(line)?.[1]).find((found) => found !== undefined);
  return { schema, provider: provider ?? null };
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { kind: string; name: string; line: number; lines: { text: string; line: number }[] } | null = null;
  text.split('\n').forEach((raw, index) => {
    const line = raw.replace(/\s*\/\/.*$/, '').trim();
    const head = /^(model|enum|view|type|datasource|generator)\s+(\w+)\s*\{/.exec(line);
    if (open === null && head !== null) open = { kind: head[1] ?? '', name: head[2] ?? '', line: index + 1, lines: [] };
    else if (open !== null && line.startsWith('}')) {
      blocks.push(open);
      open = null;
    } else if (open !== null && line !== '') open.lines.push({ text: line, line: index + 1 });
  });
  return blocks;
}

function tableOf(model: Block, schema: Schema, models: ReadonlySet<string>, file: string): Table {
  const all = model.lines.map(({ text }) => text);
  const mapped = all.map((line) => /^@@map\((?:name:\s*)?"([^"]+)"/.exec(line)?.[1]).find((found) => found !== undefined);
  const table: Table = {
    ...newTable(mapped ?? model.name, model.kind === 'view' ? 'view' : 'table', { file, line: model.line }),
    model: model.name,
  };
  for (const { text, line } of model.lines) {
    const field = /^(\w+)\s+(\w+)(?:\("[^"]*"\))?(\[\])?(\?)?(.*)$/.exec(text);
    if (field === null || text.startsWith('@@')) continue;
    const [, name = '', type = '', many, optional, rest = ''] = field;
    if (models.has(type)) relation(table, type, rest, { file, line });
    else addField(table, schema, { name, type, many: many !== undefined, optional: optional !== undefined, rest }, { file, line });
  }
  const columnNamed = (field: string) => [...table.columns.values()].find((column) => column.field === field)?.name ?? field;
  for (const { text, line } of model.lines) {
    const block = /^@@(id|unique|index)\(\s*(?:fields:\s*)?\[([^\]]*)\]/.exec(text);
    if (block === null) continue;
    const columns = wordsIn(block[2] ?? '').map(columnNamed);
    table.indexes.push({
      name: block[1] === 'id' ? 'PRIMARY' : null,
      columns,
      unique: block[1] !== 'index',
      partial: false,
      place: { file, line },
    });
  }
  const keys = table.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(columnNamed) }));
  table.foreignKeys.splice(0, table.foreignKeys.length, ...keys);
  return table;
}

type Field = { readonly name: string; readonly type: string; readonly many: boolean; readonly optional: boolean; readonly rest: string };

function addField(table: Table, schema: Schema, field: Field, place: Column['place']): void {
  const { name, type, many, optional, rest } = field;
  const column = /(?:^|\s)@map\((?:name:\s*)?"([^"]+)"/.exec(rest)?.[1] ?? name;
  const isEnum = schema.enums.has(keyOf(type));
  const primary = /(?:^|\s)@id\b/.test(rest);
  if (primary || /(?:^|\s)@unique\b/.test(rest))
    table.indexes.push({ name: primary ? 'PRIMARY' : null, columns: [column], unique: true, partial: false, place });
  table.columns.set(keyOf(column), {
    name: column,
    field: name,
    type: `${type}${many ? '[]' : ''}`,
    family: many ? 'array' : isEnum ? 'enum' : /@db\.Uuid/.test(rest) ? 'uuid' : (FAMILIES[type] ?? 'any'),
    nullable: optional,
    hasDefault: /@default\(|@updatedAt/.test(rest),
    generated: /@default\((?:autoincrement|uuid|cuid|dbgenerated)|@updatedAt/.test(rest),
    values: null,
    enumName: isEnum && !many ? type : null,
    place,
  });
}

function relation(table: Table, model: string, rest: string, place: Column['place']): void {
  const fields = /@relation\([^)]*fields:\s*\[([^\]]*)\]/.exec(rest)?.[1];
  const refers = /@relation\([^)]*references:\s*\[([^\]]*)\]/.exec(rest)?.[1];
  if (fields !== undefined)
    table.foreignKeys.push({ name: null, columns: wordsIn(fields), table: model, refers: wordsIn(refers ?? ''), place });
}

function wordsIn(list: string): string[] {
  return list
    .split(',')
    .map((one) => /\w+/.exec(one)?.[0] ?? '')
    .filter((word) => word !== '');
}
