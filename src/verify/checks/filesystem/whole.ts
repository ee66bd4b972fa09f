/** Is a file whole? Conflict markers, zero bytes, and texts that their own language cannot read. */
import { closeSync, lstatSync, openSync, readSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ts } from 'ts-morph';
import { parseAllDocuments } from 'yaml';
import type { Finding } from '../finding.ts';
import type { ProjectFiles } from '../project-files.ts';

const SOURCES = new Set(
  '.ts .tsx .mts .cts .js .jsx .mjs .cjs .json .jsonc .sql .prisma .html .vue .svelte .yaml .yml .css .scss .less .md .mdx .txt .graphql .py .go .rs .rb .java .kt .swift .c .h .cpp .hpp .sh .toml .xml .proto .env .ini'.split(
    ' ',
  ),
);
/** An empty one means something. */
const NEVER_EMPTY = new Set('.ts .tsx .mts .cts .js .jsx .mjs .cjs .json .sql .prisma .html .vue .svelte'.split(' '));
const CODE = new Set('.ts .tsx .mts .cts .js .jsx .mjs .cjs'.split(' '));
/** JSON that admits comments, by its readers. */
const WITH_COMMENTS =
  /(?:^|\/)(?:[tj]sconfig[^/]*|\.eslintrc|\.swcrc|\.babelrc|devcontainer|api-extractor|deno|turbo|nx|project|settings|launch|tasks|extensions|angular|\.prettierrc|renovate|\.markdownlint|biome|wrangler)\.jsonc?$|\.vscode\/|\.code-workspace$/;
const SNIFFED_BYTES = 65_536;

export function wholenessOf(files: ProjectFiles, path: string): Finding[] {
  const extension = extname(path).toLowerCase();
  if (!SOURCES.has(extension)) return [];
  const size = lstatSync(join(files.root, path), { throwIfNoEntry: false })?.size;
  if (size === undefined) return [];
  if (size === 0) return NEVER_EMPTY.has(extension) ? [half(path, 1, 'is empty: whoever wrote it did not get to the text')] : [];
  const zero = zeroByteIn(join(files.root, path));
  if (zero !== null) return [half(path, zero, 'holds zero bytes: it was not written to its end')];
  const text = files.read(path);
  if (text === null) return [];
  const conflict = conflictIn(text, path);
  if (conflict !== null)
    return [
      {
        type: 'conflict-marker',
        severity: 'CRITICAL',
        description: `${path} holds an unresolved conflict`,
        hint: 'resolve the merge and remove the markers',
        file: path,
        line: conflict,
      },
    ];
  const broken = unreadable(text, path, extension);
  if (broken === null) return [];
  return [
    {
      type: 'half-written-file',
      severity: 'HIGH',
      description: `${path} cannot be read as ${extension.slice(1)}: ${broken.why}`,
      hint: 'finish it; if it is no such file on purpose, list it under verification.integration.filesystem.ignore',
      file: path,
      line: broken.line,
    },
  ];
}

function half(path: string, line: number, what: string): Finding {
  return {
    type: 'half-written-file',
    severity: 'HIGH',
    description: `${path} ${what}`,
    hint: 'write it again, or remove it',
    file: path,
    line,
  };
}

/** The line of the first one; UTF-16 is full of them and is no broken file. */
function zeroByteIn(path: string): number | null {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(SNIFFED_BYTES);
    const bytes = buffer.subarray(0, readSync(file, buffer, 0, SNIFFED_BYTES, 0));
    const at = bytes.indexOf(0);
    const isWide = bytes.length > 1 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
    return at < 0 || isWide ? null : bytes.subarray(0, at).toString('latin1').split('\n').length;
  } finally {
    closeSync(file);
  }
}

/** A whole set of markers in order, or one that only git writes; in code, where the compiler takes it for one too. */
function conflictIn(text: string, path: string): number | null {
  const lines = text.split(/\r?\n/);
  const begin = lines.findIndex((line) => /^<{7}(?: |$)/.test(line));
  const end = lines.findIndex((line, index) => index > begin && /^>{7}(?: |$)/.test(line));
  if (begin < 0 && !lines.some((line) => /^>{7} \S/.test(line))) return null;
  const middle = lines.findIndex((line, index) => index > begin && /^={7}$/.test(line));
  const isWhole = begin >= 0 && middle > begin && end > middle;
  const isGits = lines.some((line) =>
    /^(?:<{7} (?:HEAD|Updated upstream|ours|[\w./-]+$)|>{7} (?:[0-9a-f]{7,40}\b|Stashed changes|theirs|[\w./-]+(?: \(.*\))?$))/.test(line),
  );
  if (!isWhole && !isGits) return null;
  // Texts about conflicts: in a string of a program, in a fenced example.
  if (CODE.has(extname(path)) && !errorsIn(text, path).some((error) => error.code === 1185)) return null;
  if (/\.mdx?$/.test(path) && isFenced(lines, begin)) return null;
  return (begin >= 0 ? begin : lines.findIndex((line) => /^>{7} \S/.test(line))) + 1;
}

function isFenced(lines: readonly string[], at: number): boolean {
  return lines.slice(0, at).filter((line) => /^\s*(?:```|~~~)/.test(line)).length % 2 === 1;
}

type Broken = { readonly line: number; readonly why: string };

function unreadable(text: string, path: string, extension: string): Broken | null {
  // Templates of generators are another language until they are filled in.
  if (/<%|\{\{|\{%/.test(text) && !path.endsWith('.tsx') && !path.endsWith('.jsx') && extension !== '.ts' && extension !== '.js')
    return null;
  if (CODE.has(extension)) {
    const [first] = /@flow\b/.test(text.slice(0, 500)) || /<%/.test(text) ? [] : errorsIn(text, path);
    return first === undefined
      ? null
      : { line: lineAt(text, first.start ?? 0), why: ts.flattenDiagnosticMessageText(first.messageText, ' ') };
  }
  if (extension === '.json') return WITH_COMMENTS.test(path) ? commented(text, path) : plainJson(text, path);
  if (extension === '.yaml' || extension === '.yml') return yamlErrors(text);
  return null;
}

function errorsIn(text: string, path: string): readonly ts.DiagnosticWithLocation[] {
  const kind = /\.tsx$/.test(path) ? ts.ScriptKind.TSX : /\.[cm]?ts$/.test(path) ? ts.ScriptKind.TS : ts.ScriptKind.JSX;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, kind) as ts.SourceFile & {
    readonly parseDiagnostics?: readonly ts.DiagnosticWithLocation[];
  };
  // 8000 and above: TypeScript's own syntax in JavaScript, which the compiler reads and only objects to.
  return (source.parseDiagnostics ?? []).filter((error) => error.code < 8000 || error.code >= 9000);
}

function plainJson(text: string, path: string): Broken | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return commented(text, path) ?? { line: 1, why: error instanceof Error ? error.message : String(error) };
  }
}

function commented(text: string, path: string): Broken | null {
  const source = ts.parseJsonText(path, text) as ts.JsonSourceFile & { readonly parseDiagnostics?: readonly ts.DiagnosticWithLocation[] };
  const [first] = source.parseDiagnostics ?? [];
  return first === undefined ? null : { line: lineAt(text, first.start), why: ts.flattenDiagnosticMessageText(first.messageText, ' ') };
}

function yamlErrors(text: string): Broken | null {
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const error = Array.isArray(documents) ? documents.flatMap((one) => one.errors)[0] : undefined;
  return error === undefined ? null : { line: error.linePos?.[0].line ?? 1, why: error.message.split('\n')[0] ?? '' };
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
