/** The parser's tree, read with care: it comes from a program of its own and has hundreds of shapes. */

export type Node = { readonly [key: string]: unknown };

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function node(value: unknown): Node {
  return isNode(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A variant of a Rust enum: its name alone, or an object with one key. */
export function variant(value: unknown): { readonly name: string; readonly of: unknown } {
  if (typeof value === 'string') return { name: value, of: undefined };
  const [entry] = Object.entries(node(value));
  return entry === undefined ? { name: '', of: undefined } : { name: entry[0], of: entry[1] };
}

export type Ident = { readonly text: string; readonly line: number; readonly quoted: boolean };

/** An identifier, with its line within the statement (from 1); null when it is none. */
export function ident(value: unknown): Ident | null {
  const inner = isNode(value) && isNode(value['Identifier']) ? value['Identifier'] : value;
  if (!isNode(inner) || typeof inner['value'] !== 'string') return null;
  const start = node(node(inner['span'])['start']);
  return { text: inner['value'], line: Number(start['line'] ?? 1) || 1, quoted: typeof inner['quote_style'] === 'string' };
}

/** The last part of `schema.table`: which schema it lies in, nobody compares. */
export function lastOf(name: unknown): Ident | null {
  const parts = list(name);
  return ident(parts[parts.length - 1]);
}
