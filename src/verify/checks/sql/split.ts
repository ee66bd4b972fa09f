/** A script of SQL as single statements, each with the line that it begins on. */

export type Statement = {
  readonly text: string;
  readonly line: number;
  readonly file: string;
  /** A part of a program that only a run could tell the meaning of; `table` null: it may concern any of them. */
  readonly notRead?: { readonly table: string | null };
};

export type Script = {
  readonly up: readonly Statement[] /** null: it has no section for the way back. */;
  readonly down: readonly Statement[] | null;
};

/** `-- +goose Down`, `-- migrate:down`, `-- +migrate Down`, `-- Down Migration`, `-- @down`, `-- rollback`, `--//@UNDO`. */
const SECTION = /^\s*--\s*(?:\/\/)?\s*(?:\+\w+\s+|migrate:|@|=+\s*)?(up|down|undo|rollback)(?:\s+migration)?(?:\s+\w+:\w+)?\s*[:=-]*\s*$/i;

export function splitScript(text: string, file: string): Script {
  const up: string[] = [];
  const down: string[] = [];
  let way = up;
  let hasDown = false;
  for (const line of text.split('\n')) {
    const section = SECTION.exec(line.replace(/\r$/, ''))?.[1]?.toLowerCase();
    if (section !== undefined) {
      way = section === 'up' ? up : down;
      hasDown ||= section !== 'up';
    }
    // Both keep every line, so that the numbers stay those of the file.
    up.push(way === up ? line : '');
    down.push(way === down ? line : '');
  }
  return { up: split(up.join('\n'), file, 1), down: hasDown ? split(down.join('\n'), file, 1) : null };
}

/** A token that hides semicolons (a text, a quoted name, a comment, a dollar quote), or one that counts. */
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:''|\\.|[^'\\])*(?:'|$)|"(?:""|[^"])*(?:"|$)|`(?:``|[^`])*(?:`|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|^[ \t]*DELIMITER[ \t]+\S+[ \t]*$|^\\[^\n]*$|[A-Za-z_]\w*|;|\/\/|\n/gim;

/** @param firstLine number of the text's first line in its file */
export function split(text: string, file: string, firstLine: number): Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  let depth = 0;
  let delimiter = ';';
  let head = '';
  const finish = (end: number): void => {
    const raw = text.slice(start, end);
    const body = raw.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
    const at = start + (raw.length - body.length);
    if (body.trim() !== '') statements.push({ text: body.trimEnd(), line: firstLine + linesIn(text, at), file });
    depth = 0;
    head = '';
  };
  for (const match of text.matchAll(TOKENS)) {
    const [token] = match;
    const after = match.index + token.length;
    const word = token.toUpperCase();
    if (/^\s*DELIMITER\s/i.test(token)) {
      finish(match.index);
      delimiter = token.trim().split(/\s+/)[1] ?? ';';
      start = after;
    } else if (token.startsWith('\\')) {
      // A line for psql itself.
      finish(match.index);
      start = after;
    } else if (token === delimiter && (depth === 0 || delimiter !== ';')) {
      finish(match.index);
      start = after;
    } else if (/^[A-Z_]\w*$/.test(word)) {
      if (head.length < 80) head += `${word} `;
      if (/^CREATE (?:\w+ ){0,6}(?:TRIGGER|PROCEDURE|FUNCTION|EVENT) /.test(head)) depth += nesting(word, text.slice(after, after + 12));
    }
  }
  finish(text.length);
  return statements;
}

/** Bodies of triggers and procedures: a semicolon inside ends nothing. */
function nesting(word: string, following: string): number {
  if (word === 'BEGIN' || word === 'CASE') return 1;
  if (word !== 'END' || /^\s*(?:IF|LOOP|WHILE|REPEAT)\b/i.test(following)) return 0;
  return -1;
}

function linesIn(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
