/** A YAML text, and where in it things stand. Evaluates nothing, and is bounded against texts that grow or nest without end. */
import { CST, type Document, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, visit } from 'yaml';

/** A place that a person can go to: both counted from 1. */
type Place = { readonly line: number; readonly column: number };

/** A fault of the text. `path` is dotted, as in `instances[0].agent`; empty for the whole document. */
export type Problem = Place & { readonly path: string; readonly message: string };

export type KeyPath = readonly (string | number)[];

export const MAX_CONFIG_BYTES = 262_144;
const MAX_FLOW_DEPTH = 32;
const MAX_INDENT_COLUMNS = 200;
const MAX_MARKS_A_LINE = 16;
const MAX_ALIASES = 100;
const TOO_MANY_ALIASES = `the file expands too many aliases (more than ${MAX_ALIASES})`;
const MAX_FAULTS = 50;

export type Source = {
  /** What the text says; null when it says nothing, or has faults of its own. */
  readonly value: unknown;
  readonly faults: readonly Problem[];
  /** Where the value at `path` stands, or the nearest thing around it that is written down. */
  valueAt(path: KeyPath): Place;
  /** Where the last key of `path` stands. */
  keyAt(path: KeyPath): Place;
};

export function readYaml(text: string): Source {
  const lines = new LineCounter();
  const broken = (faults: readonly Problem[]): Source => source(null, faults.slice(0, MAX_FAULTS), () => 0, lines);
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES)
    return broken([{ line: 1, column: 1, path: '', message: `the file is larger than ${MAX_CONFIG_BYTES} bytes` }]);
  const excess = firstExcess(text);
  if (excess !== null) return broken([{ ...placeIn(text, excess.offset), path: '', message: excess.message }]);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const faults = [...document.errors, ...document.warnings].map((error) => fault(lines, error.pos[0], shown(error.message, 200)));
  if (faults.length === 0) faults.push(...aliasFaults(document, lines));
  if (faults.length > 0) return broken(faults);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return source(value, [], (path, part) => offsetOf(document, path, part), lines);
  } catch (error) {
    // How the parser says that aliases of aliases grow without end.
    if (error instanceof ReferenceError) return broken([fault(lines, 0, TOO_MANY_ALIASES)]);
    throw error;
  }
}

/** Aliases that name nothing, and those inside of what they name. */
function aliasFaults(document: Document.Parsed, lines: LineCounter): Problem[] {
  const found: Problem[] = [];
  visit(document, {
    Alias(_key, alias) {
      const target = alias.resolve(document);
      const at = alias.range?.[0] ?? 0;
      const [from, to] = target?.range ?? [0, 0];
      if (target === undefined) found.push(fault(lines, at, `the alias *${shown(alias.source)} names nothing`));
      else if (from <= at && at < to) found.push(fault(lines, at, `the alias *${shown(alias.source)} stands inside of what it names`));
    },
  });
  return found;
}

/**
 * Where the text nests deeper, or names more aliases, than any config. The parser recurses: a text that nests without end does
 * not only exhaust its stack but may end the whole process, and every alias is looked up in the whole text. So the tokens
 * are looked at first.
 */
function firstExcess(text: string): { offset: number; message: string } | null {
  let flowDepth = 0;
  let marks = 0;
  let aliases = 0;
  let isLineStart = true;
  let offset = 0;
  let isScalarText = false;
  for (const token of new Lexer().lex(text)) {
    const type = isScalarText ? 'scalar-text' : CST.tokenType(token);
    isScalarText = token === CST.SCALAR;
    if (type === 'flow-seq-start' || type === 'flow-map-start') flowDepth += 1;
    if (type === 'flow-seq-end' || type === 'flow-map-end') flowDepth -= 1;
    if (type === 'seq-item-ind' || type === 'explicit-key-ind') marks += 1;
    if (type === 'alias') aliases += 1;
    if (aliases > MAX_ALIASES) return { offset, message: TOO_MANY_ALIASES };
    const isIndented = isLineStart && type === 'space' && token.length > MAX_INDENT_COLUMNS;
    if (flowDepth > MAX_FLOW_DEPTH || marks > MAX_MARKS_A_LINE || isIndented)
      return { offset, message: 'the file nests too deep from here' };
    isLineStart = type === 'newline';
    if (isLineStart) marks = 0;
    if (!CONTROLS.has(token)) offset += token.length;
  }
  return null;
}

/** Tokens that stand for something and hold no text. */
const CONTROLS: ReadonlySet<string> = new Set([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

type Part = 'key' | 'value';

function source(value: unknown, faults: readonly Problem[], offsetAt: (path: KeyPath, part: Part) => number, lines: LineCounter): Source {
  return {
    value,
    faults,
    valueAt: (path) => place(lines, offsetAt(path, 'value')),
    keyAt: (path) => place(lines, offsetAt(path, 'key')),
  };
}

/** Walks down as far as the text goes: what is missing is reported where it should have stood. */
function offsetOf(document: Document.Parsed, path: KeyPath, part: Part): number {
  let offset = startOf(document.contents) ?? 0;
  let here: unknown = document.contents;
  for (const [depth, key] of path.entries()) {
    const found = child(isAlias(here) ? here.resolve(document) : here, key);
    if (found === null) return offset;
    const isLast = depth === path.length - 1;
    offset = (isLast && part === 'key' ? startOf(found.key) : startOf(found.value)) ?? startOf(found.key) ?? offset;
    here = found.value;
  }
  return offset;
}

function child(node: unknown, key: string | number): { key: unknown; value: unknown } | null {
  if (isSeq(node) && typeof key === 'number' && key < node.items.length) return { key: node.items[key], value: node.items[key] };
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  return pair === undefined ? null : { key: pair.key, value: pair.value };
}

function startOf(node: unknown): number | null {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null;
}

function place(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function fault(lines: LineCounter, offset: number, message: string): Problem {
  return { ...place(lines, offset), path: '', message };
}

function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** Foreign text as it may stand in a message: one line, nothing that a terminal would act on. */
export function shown(text: string, max = 60): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return plain.length <= max ? plain : `${plain.slice(0, max - 1)}…`;
}
