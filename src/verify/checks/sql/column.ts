/** A column, as the parser's tree of its definition says it. */
import { ident, lastOf, list, type Node, node, variant } from './ast.ts';
import type { Column, Family, ForeignKey, Place } from './schema.ts';

/** First match wins; the word is the parser's name of the type, or the name that the script wrote. */
const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/^bool|^bit$/, 'boolean'],
  [/interval|point|geometry|geography|vector/, 'any'],
  [/bigint|int8|bigserial|serial8|int64/, 'bigint'],
  [/^year$|int|serial/, 'integer'],
  [/decimal|numeric|money|^dec/, 'decimal'],
  [/real|double|float/, 'float'],
  [/json/, 'json'],
  [/uuid/, 'uuid'],
  [/enum/, 'enum'],
  [/char|text|clob|string|citext|varying/, 'text'],
  [/date|time/, 'date'],
  [/blob|bytea|binary|bytes/, 'bytes'],
  [/array|\[\]/, 'array'],
];

export function familyOfWord(word: string): Family {
  const lower = word.toLowerCase();
  return FAMILIES.find(([pattern]) => pattern.test(lower))?.[1] ?? 'any';
}

type Typed = Pick<Column, 'type' | 'family' | 'values' | 'enumName'>;

export function typeOf(dataType: unknown): Typed {
  const { name, of } = variant(dataType);
  const plain = (word: string, family: Family): Typed => ({ type: word.toLowerCase(), family, values: null, enumName: null });
  if (name === '' || name === 'Unspecified') return plain('untyped', 'any');
  if (name === 'Array') {
    const inner = variant(of).of;
    return plain(`${typeOf(Array.isArray(inner) ? inner[0] : inner).type}[]`, 'array');
  }
  if (name === 'Enum')
    return {
      ...plain('enum', 'enum'),
      values: list(list(of)[0]).map((member) => String(node(member)['Name'] ?? node(node(member)['NamedValue'])['0'] ?? '')),
    };
  if (name === 'TinyInt' && of === 1) return plain('tinyint(1)', 'boolean');
  if (name !== 'Custom') return plain(name, familyOfWord(name));
  const word = lastOf(list(of)[0])?.text ?? '';
  return { type: word.toLowerCase(), family: familyOfWord(word), values: null, enumName: word };
}

export type DefinedColumn = {
  readonly column: Column;
  readonly primary: boolean;
  readonly unique: boolean;
  readonly refers: ForeignKey | null;
};

/** @param definition `{name, data_type, options}` @param at where the statement begins */
export function columnFrom(definition: Node, at: Place): DefinedColumn | null {
  const name = ident(definition['name'] ?? definition['new_name'] ?? definition['col_name']);
  if (name === null) return null;
  const place = { file: at.file, line: at.line + name.line - 1 };
  const typed = typeOf(definition['data_type']);
  const options = list(definition['options']).map((option) => variant(node(option)['option'] ?? option));
  const has = (wanted: string) => options.some((option) => option.name === wanted);
  const says = (words: RegExp) => options.some((option) => option.name === 'DialectSpecific' && words.test(JSON.stringify(option.of)));
  const serial = /serial/.test(typed.type);
  const primary = has('PrimaryKey') || options.some((option) => option.name === 'Unique' && node(option.of)['is_primary'] === true);
  const generated = has('Generated') || has('Identity') || says(/AUTO_?INCREMENT/i) || serial;
  const isComputed = options.some((option) => option.name === 'Generated' && node(option.of)['generation_expr'] != null);
  const check = options.map((option) => (option.name === 'Check' ? valuesIn(option.of) : null)).find((found) => found !== null);
  const foreign = options.find((option) => option.name === 'ForeignKey');
  return {
    column: {
      name: name.text,
      ...typed,
      // An identity, a serial and a key are never NULL; an expression may be.
      nullable: !(has('NotNull') || primary || (generated && !isComputed)),
      hasDefault: has('Default') || generated || (primary && typed.family === 'integer'),
      generated,
      values: typed.values ?? check?.values ?? null,
      place,
    },
    primary,
    unique: has('Unique'),
    refers: foreign === undefined ? null : foreignKeyFrom(node(foreign.of), [name.text], place),
  };
}

export function foreignKeyFrom(tree: Node, columns: readonly string[], place: Place): ForeignKey | null {
  const table = lastOf(tree['foreign_table']);
  if (table === null) return null;
  return { name: ident(tree['name'])?.text ?? null, columns, table: table.text, refers: names(tree['referred_columns']), place };
}

export function names(value: unknown): string[] {
  return list(value).flatMap((one) => ident(one)?.text ?? []);
}

/** `CHECK (status IN ('a', 'b'))`: the column and what it admits; null for any other condition. */
export function valuesIn(check: unknown): { readonly column: string; readonly values: readonly string[] } | null {
  let condition = node(node(check)['expr'] ?? check);
  while (condition['Nested'] !== undefined) condition = node(condition['Nested']);
  const inList = node(condition['InList']);
  const column = ident(inList['expr']);
  if (column === null || inList['negated'] === true) return null;
  const values = list(inList['list']).map((item) => node(node(node(item)['Value'])['value'])['SingleQuotedString']);
  return values.every((value) => typeof value === 'string') ? { column: column.text, values } : null;
}
