/** SQL read by a parser for the three dialects; what it cannot read is given to it in parts. */
import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { isNode, type Node } from './ast.ts';

export type Dialect = 'sqlite' | 'postgresql' | 'mysql';

let ready: Promise<void> | null = null;

/** Loads the parser; once is enough for a process. */
export function loadParser(): Promise<void> {
  ready ??= Promise.resolve(init()).then(() => undefined);
  return ready;
}

/** The one statement of the text, by the project's dialect or, failing that, by another one. null: unreadable. */
export function parseStatement(text: string, dialect: Dialect): Node | null {
  for (const name of [dialect, 'generic', 'postgresql', 'mysql', 'sqlite'] as const) {
    try {
      const [first] = parse(text, name) as unknown[];
      if (isNode(first)) return first;
    } catch (error) {
      // The parser's own word for "this is not my language"; anything else would be a defect.
      if (!(error instanceof Error) || !/pars|expected|tokeniz|recursion/i.test(error.message)) throw error;
    }
  }
  return null;
}

export type Definition = {
  readonly tree: Node /** Parts that no dialect could read, by their first line. */;
  readonly unread: readonly { readonly text: string; readonly line: number }[];
};

/** What other tools write and this parser does not know, without meaning for what is compared here. */
const WITHOUT_MEANING: readonly (readonly [RegExp, string])[] = [
  [/\s+WITH\s+(?:NO\s+)?DATA\s*$/i, ''],
  [/\bZEROFILL\b/gi, ''],
  [/\bSRID\s+\d+/gi, ''],
  [/\bNOT\s+VALID\s*$/i, ''],
];

/** A statement that defines something; a table that cannot be read whole is read column by column. */
export function parseDefinition(text: string, dialect: Dialect): Definition | null {
  const whole = parseStatement(text, dialect);
  if (whole !== null) return { tree: whole, unread: [] };
  const plain = WITHOUT_MEANING.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text);
  const again = plain === text ? null : parseStatement(plain, dialect);
  if (again !== null) return { tree: again, unread: [] };
  return /^CREATE\s+(?:\w+\s+){0,3}TABLE\b/i.test(plain) ? inParts(plain, dialect) : null;
}

/** Parts of a table that are no column. */
const NO_COLUMN = /^\s*(?:CONSTRAINT|EXCLUDE|LIKE|PERIOD|CHECK|KEY|INDEX|PRIMARY|UNIQUE|FOREIGN|FULLTEXT|SPATIAL)\b/i;
const NAME_AND_TYPE = /^(\s*(?:"[^"]+"|`[^`]+`|\[[^\]]+\]|\w+)\s+\w+(?:\s*\([^)]*\))?)/;

function inParts(text: string, dialect: Dialect): Definition | null {
  const open = text.indexOf('(');
  if (open < 0) return null;
  const unread: { text: string; line: number }[] = [];
  let line = 1 + newlines(text.slice(0, open));
  const kept = topLevelParts(text.slice(open + 1)).map((part) => {
    const at = line + newlines(/^\s*/.exec(part)?.[0] ?? '');
    line += newlines(part);
    if (reads(part, dialect)) return part;
    const column = NO_COLUMN.test(part) ? null : NAME_AND_TYPE.exec(part)?.[1];
    const reduced = column == null ? '' : `${column}${/\bNOT\s+NULL\b/i.test(part.slice(column.length)) ? ' NOT NULL' : ''}`;
    unread.push({ text: part.trim(), line: at });
    // The lines stay, so that whatever follows is found where it stands.
    return reduced !== '' && reads(reduced, dialect)
      ? `${reduced}${'\n'.repeat(newlines(part) - newlines(reduced))}`
      : '\n'.repeat(newlines(part));
  });
  // A comma after nothing would be unreadable in its turn.
  const body = kept.reduce((before, part) => (part.trim() === '' || before.trim() === '' ? before + part : `${before},${part}`), '');
  const tree = parseStatement(`${text.slice(0, open + 1)}${body})`, dialect);
  return tree === null ? null : { tree, unread };
}

function reads(part: string, dialect: Dialect): boolean {
  return parseStatement(`CREATE TABLE t (${part.trim()})`, dialect) !== null;
}

/** The parts between the commas of the outermost list, up to its closing parenthesis. */
function topLevelParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const match of text.matchAll(/'(?:''|\\.|[^'\\])*'|"(?:""|[^"])*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|[(),]/g)) {
    if (match[0] === '(') depth++;
    else if (match[0] === ')' && depth-- === 0) return [...parts, text.slice(start, match.index)];
    else if (match[0] === ',' && depth === 0) {
      parts.push(text.slice(start, match.index));
      start = match.index + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
