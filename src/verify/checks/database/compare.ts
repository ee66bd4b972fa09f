/** Interfaces against the tables that they describe: columns, types, nullability, admitted values. */
import type { Finding } from '../finding.ts';
import type { Dialect } from '../sql/parse.ts';
import { type Column, type Family, familyOf, type Schema, type Table, valuesOf, wordOf } from '../sql/schema.ts';
import { columnFor, isRelation, type Pair } from './pairs.ts';
import type { Field, Kind, Shape } from './shapes.ts';

/** What a column of this family is in a program, by what the drivers give. */
const KINDS: Readonly<Record<Family, readonly Kind[]>> = {
  integer: ['number'],
  bigint: ['number', 'bigint', 'string'],
  decimal: ['number', 'string', 'decimal'],
  float: ['number', 'decimal'],
  text: ['string'],
  boolean: ['boolean'],
  date: ['date', 'string'],
  json: ['string', 'object', 'array', 'any', 'number', 'boolean'],
  bytes: ['bytes', 'object', 'string', 'array'],
  uuid: ['string'],
  enum: ['string'],
  array: ['array', 'string'],
  any: ['string', 'number', 'boolean', 'bigint', 'date', 'bytes', 'decimal', 'array', 'object', 'any'],
};

/** SQLite has neither dates nor truth values, and MySQL's truth is a small number. */
const MORE: Readonly<Record<Dialect, Partial<Record<Family, readonly Kind[]>>>> = {
  sqlite: { boolean: ['number'], date: ['number'], integer: ['bigint'], bigint: ['date'] },
  mysql: { boolean: ['number'] },
  postgresql: {},
};

/** What a program may have made of it when it reads the row into its own idea of the thing. */
const MAPPED: Readonly<Record<Dialect, Partial<Record<Family, readonly Kind[]>>>> = {
  sqlite: { integer: ['boolean', 'date'], text: ['date', 'array', 'object', 'decimal'] },
  mysql: { integer: ['boolean'], text: ['array', 'object'] },
  postgresql: { text: ['array', 'object'] },
};

/** Kept from the program's own idea on purpose. */
const PRIVATE = /pass|secret|token|hash|salt|deleted|search|tsv|version|internal|created|updated|modified|inserted/i;

export function compareShapes(pairs: readonly Pair[], schema: Schema, dialect: Dialect): Finding[] {
  return pairs.flatMap((pair) => [
    ...pair.shape.fields.flatMap((field) => compareField(pair, field, schema, dialect)),
    ...withoutField(pair),
  ]);
}

function compareField(pair: Pair, field: Field, schema: Schema, dialect: Dialect): Finding[] {
  const { shape, table, kind } = pair;
  const column = columnFor(table, field);
  if (column === undefined) {
    if (table.open || isRelation(field) || (kind === 'domain' && field.optional)) return [];
    return [
      {
        type: 'schema-column-missing',
        severity: 'HIGH',
        description: `${shape.name}.${field.name} has no column in ${table.name}`,
        hint: `add the column in a migration, or remove the field${nearest(table, field.name)}`,
        expected: `column ${table.name}.${field.name}`,
        actual: [...table.columns.values()].map((one) => one.name).join(', '),
        ...field.place,
      },
    ];
  }
  return [
    ...kindFindings(pair, field, column, schema, dialect),
    ...nullFindings(pair, field, column),
    ...valueFindings(shape, field, column, schema, table),
  ];
}

function nearest(table: Table, name: string): string {
  const word = wordOf(name);
  const near = [...table.columns.values()].find((column) => wordOf(column.name).includes(word) || word.includes(wordOf(column.name)));
  return near === undefined ? '' : ` (did you mean ${near.name}?)`;
}

function kindFindings({ shape, table, kind }: Pair, field: Field, column: Column, schema: Schema, dialect: Dialect): Finding[] {
  const family = familyOf(schema, column);
  const allowed = new Set([
    ...KINDS[family],
    ...(MORE[dialect][family] ?? []),
    ...(kind === 'domain' ? (MAPPED[dialect][family] ?? []) : []),
  ]);
  const wrong = [...field.kinds].filter((one) => one !== 'any' && !allowed.has(one));
  if (wrong.length === 0) return [];
  return [
    {
      type: 'schema-type-mismatch',
      severity: 'HIGH',
      description: `${shape.name}.${field.name} is ${field.text}, and the column ${table.name}.${column.name} holds ${column.type}`,
      hint: `make the field ${KINDS[family].slice(0, 2).join(' or ')}, or change the column in a migration (defined in ${column.place.file}:${column.place.line})`,
      expected: KINDS[family].join(' or '),
      actual: field.text,
      ...field.place,
    },
  ];
}

function nullFindings({ shape, table }: Pair, field: Field, column: Column): Finding[] {
  if (field.kinds.has('any') || table.kind === 'view') return [];
  const mayBeAbsent = field.optional || field.admitsNull;
  if (column.nullable && !mayBeAbsent && !column.generated) {
    // A default is not what keeps NULL out, but where rows are only ever inserted without the column nobody sees one.
    const severity = column.hasDefault ? 'MEDIUM' : 'HIGH';
    return [
      {
        type: 'schema-nullability-mismatch',
        severity,
        description: `${table.name}.${column.name} may be NULL, and ${shape.name}.${field.name} never is`,
        hint: `write ${field.name}: ${field.text} | null, or make the column NOT NULL in a migration (defined in ${column.place.file}:${column.place.line})`,
        expected: `${field.text} | null`,
        actual: field.text,
        ...field.place,
      },
    ];
  }
  const isSurplus = field.admitsNull || (field.optional && !column.hasDefault && !column.generated);
  if (column.nullable || !mayBeAbsent || !isSurplus) return [];
  return [
    {
      type: 'schema-nullability-mismatch',
      severity: 'MEDIUM',
      description: `${table.name}.${column.name} is never NULL, and ${shape.name}.${field.name} says that it may be absent`,
      hint: `remove ${field.admitsNull ? 'the null' : 'the question mark'}, or drop NOT NULL in a migration (defined in ${column.place.file}:${column.place.line})`,
      expected: 'never null',
      actual: field.text,
      ...field.place,
    },
  ];
}

function valueFindings(shape: Shape, field: Field, column: Column, schema: Schema, table: Table): Finding[] {
  const admitted = valuesOf(schema, column);
  if (admitted === null || field.values === null) return [];
  const only = (these: readonly string[], those: readonly string[]) => these.filter((one) => !those.includes(one));
  const [tooMany, tooFew] = [only(field.values, admitted), only(admitted, field.values)];
  if (tooMany.length + tooFew.length === 0) return [];
  const says = [
    ...(tooMany.length === 0 ? [] : [`${tooMany.join(', ')} only in the type`]),
    ...(tooFew.length === 0 ? [] : [`${tooFew.join(', ')} only in the database`]),
  ];
  return [
    {
      type: 'schema-enum-mismatch',
      severity: 'HIGH',
      description: `${shape.name}.${field.name} and ${table.name}.${column.name} admit different values: ${says.join('; ')}`,
      hint: `give both the same values (column defined in ${column.place.file}:${column.place.line})`,
      expected: admitted.join(' | '),
      actual: field.values.join(' | '),
      ...field.place,
    },
  ];
}

/** Columns that nobody reads: for a row an omission, for the program's own idea of it often a choice. */
function withoutField({ shape, table, kind }: Pair): Finding[] {
  const fields = new Set(shape.fields.map((field) => wordOf(field.name)));
  return [...table.columns.values()]
    .filter((column) => !fields.has(wordOf(column.name)) && !(column.field !== undefined && fields.has(wordOf(column.field))))
    .filter((column) => kind === 'row' || !(PRIVATE.test(column.name) || isKey(table, column) || (column.generated && !column.hasDefault)))
    .map((column) => ({
      type: 'schema-field-missing',
      severity: kind === 'row' ? 'MEDIUM' : 'LOW',
      description: `${table.name}.${column.name} has no field in ${shape.name}`,
      hint: `add it to ${shape.name} (${column.type}${column.nullable ? ' | null' : ''}; the column is defined in ${column.place.file}:${column.place.line})`,
      expected: `field ${column.name}`,
      ...shape.place,
    }));
}

/** What only ties rows together is often left out. */
function isKey(table: Table, column: Column): boolean {
  return table.foreignKeys.some((key) => key.columns.includes(column.name));
}
