/** A database as its definitions leave it. */

/** Kinds of values, coarse enough that three dialects and TypeScript can be compared. */
export type Family =
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'text'
  | 'boolean'
  | 'date'
  | 'json'
  | 'bytes'
  | 'uuid'
  | 'enum'
  | 'array'
  | 'any';

export type Place = { readonly file: string; readonly line: number };

export type Column = {
  readonly name: string;
  /** What a program calls it, where a schema gives it another name than the database. */
  readonly field?: string;
  /** As the definition says it, for people. */
  readonly type: string;
  readonly family: Family;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
  /** The values that a CHECK or an enum admits. */
  readonly values: readonly string[] | null;
  /** A type of the database's own, by its name, whose values may be added to later. */
  readonly enumName: string | null;
  readonly place: Place;
};

/** `columns`: an expression stands as its text, so that no column is taken for it. */
export type Index = {
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly partial: boolean;
  readonly place: Place;
};

export type ForeignKey = {
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly table: string;
  readonly refers: readonly string[];
  readonly place: Place;
};

export type Table = {
  readonly name: string;
  /** Name of the model, where a schema calls it otherwise than the database. */
  readonly model?: string;
  readonly kind: 'table' | 'view';
  readonly columns: Map<string, Column>;
  readonly indexes: Index[];
  readonly foreignKeys: ForeignKey[];
  /** Not everything about it could be read: what is missing here may still exist. */
  open: boolean;
  readonly place: Place;
};

export type Schema = { readonly tables: Map<string, Table>; readonly enums: Map<string, string[]> };

export function emptySchema(): Schema {
  return { tables: new Map(), enums: new Map() };
}

/** Databases compare unquoted names without case; two that differ in nothing else are not told apart here. */
export function keyOf(name: string): string {
  return name.toLowerCase();
}

export function newTable(name: string, kind: Table['kind'], place: Place): Table {
  return { name, kind, columns: new Map(), indexes: [], foreignKeys: [], open: false, place };
}

export function columnOf(table: Table, name: string): Column | undefined {
  return table.columns.get(keyOf(name));
}

/** `order_items`, `orderItems` and `OrderItems` are one word. */
export function wordOf(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/** Does an index, or a key, begin with this column? */
export function isIndexed(table: Table, column: string): boolean {
  return table.indexes.some((index) => keyOf(index.columns[0] ?? '') === keyOf(column));
}

export function valuesOf(schema: Schema, column: Column): readonly string[] | null {
  return column.values ?? (column.enumName === null ? null : (schema.enums.get(keyOf(column.enumName)) ?? null));
}

export function familyOf(schema: Schema, column: Column): Family {
  return column.enumName !== null && schema.enums.has(keyOf(column.enumName)) ? 'enum' : column.family;
}

/** A copy that later statements do not change. */
export function copyOf(schema: Schema): Schema {
  const tables = new Map<string, Table>();
  for (const [key, table] of schema.tables)
    tables.set(key, { ...table, columns: new Map(table.columns), indexes: [...table.indexes], foreignKeys: [...table.foreignKeys] });
  return { tables, enums: new Map([...schema.enums].map(([name, values]) => [name, [...values]])) };
}
