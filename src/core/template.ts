/**
 * Templates of documents (PROTOCOL section 8): `{{VAR}}`, `{{json VAR}}`, `{{#if VAR}}`, `{{#if VAR == "x"}}`,
 * `{{else}}`, `{{/if}}`, nested. A first line `<!-- optional: A B -->` names the variables that may be absent.
 *
 * Front matter is YAML, and its values come from others: write them as `subject: {{json SUBJECT}}`. A JSON string
 * is a valid YAML scalar on one line, so no value can end its line, add a key or close the front matter.
 */
import { plainLines } from './plain.ts';

export type Values = Readonly<Record<string, string | null>>;
export type Filled = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: string };

const NOT_PROVIDED = 'Not provided';
const FRONT = /^<!--\s*optional:([^\n]*?)-->[ \t]*(?:\r?\n|$)/u;
const VARIABLE = /^(json\s+)?([A-Z][A-Z0-9_]*)$/u;
const CONDITION = /^#if\s+([A-Z][A-Z0-9_]*)(?:\s*==\s*"([^"]*)")?$/u;

type Piece = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'tag'; readonly tag: string; readonly line: number };

/** An `#if` under way: whether the text around it is shown, whether its condition holds, and whether we are past its `{{else}}`. */
type Block = { readonly line: number; readonly around: boolean; readonly holds: boolean; readonly past: boolean };

/** What is wrong with the template itself; thrown and caught inside this file only. */
class TemplateError extends Error {}

/**
 * Fills a template. Values are data: nothing in them is expanded, and a `{{` that comes out of one is written as
 * `{ {`, so that a finished document never holds an unresolved tag. A blank value counts as absent: an absent
 * optional variable reads "Not provided" (as `{{json …}}`: null), an absent required one is an error that names it.
 */
export function fill(template: string, values: Values): Filled {
  const front = FRONT.exec(template);
  const optional = new Set((front?.[1] ?? '').split(/[\s,]+/u));
  const missing = new Set<string>();
  const blocks: Block[] = [];
  let text = '';
  try {
    for (const piece of cut(template, front?.[0].length ?? 0)) {
      const showing = isShowing(blocks);
      if (piece.kind === 'text') text += showing ? piece.text : '';
      else if (isBlockTag(piece.tag)) enter(blocks, piece.tag, piece.line, values);
      else {
        const { name, json } = variable(piece.tag, piece.line);
        if (!showing) continue;
        const value = lookUp(values, name);
        if (value === null && !optional.has(name)) missing.add(name);
        text += json ? yamlScalar(value) : (value ?? NOT_PROVIDED);
      }
    }
    if (blocks[0] !== undefined) throw new TemplateError(`line ${blocks[0].line}: this {{#if}} has no {{/if}}`);
  } catch (error) {
    if (error instanceof TemplateError) return { ok: false, error: error.message };
    throw error;
  }
  if (missing.size > 0) return { ok: false, error: `no value for ${[...missing].join(', ')}` };
  return { ok: true, text: text.replace(/\{(?=\{)/gu, '{ ') };
}

function isShowing(blocks: readonly Block[]): boolean {
  const inner = blocks.at(-1);
  return inner === undefined || (inner.around && inner.holds !== inner.past);
}

/** Text and tags in turn. A block tag that is alone on its line takes the whole line with it. */
function* cut(template: string, from: number): Generator<Piece> {
  let at = from;
  let line = 1 + breaks(template.slice(0, from));
  for (let open = template.indexOf('{{', at); open >= 0; open = template.indexOf('{{', at)) {
    const before = template.slice(at, open);
    line += breaks(before);
    const close = template.indexOf('}}', open);
    const inside = template.slice(open + 2, Math.max(close, open + 2));
    if (close < 0 || /[{}\n]/u.test(inside)) throw new TemplateError(`line ${line}: this {{ is not closed by }} on its line`);
    const tag = inside.trim();
    const kept = withoutIndent(before);
    const startsLine = kept === '' ? at === from || template[at - 1] === '\n' : kept.endsWith('\n');
    const alone = isBlockTag(tag) && startsLine ? restOfLine(template, close + 2) : null;
    yield { kind: 'text', text: alone === null ? before : kept };
    yield { kind: 'tag', tag, line };
    at = close + 2 + (alone ?? 0);
    line += breaks(template.slice(close + 2, at));
  }
  yield { kind: 'text', text: template.slice(at) };
}

function withoutIndent(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return text.slice(0, end);
}

/** How many characters of the line are left, its end included, when they are all blank; else null. */
function restOfLine(template: string, from: number): number | null {
  const blank = /[ \t]*(?:\r?\n|$)/uy;
  blank.lastIndex = from;
  return blank.exec(template)?.[0].length ?? null;
}

function breaks(text: string): number {
  return text.split('\n').length - 1;
}

function isBlockTag(tag: string): boolean {
  return tag.startsWith('#') || tag.startsWith('/') || tag === 'else';
}

function enter(blocks: Block[], tag: string, line: number, values: Values): void {
  const condition = CONDITION.exec(tag);
  if (condition !== null) {
    const value = lookUp(values, condition[1] ?? '');
    blocks.push({
      line,
      around: isShowing(blocks),
      holds: condition[2] === undefined ? value !== null : value === condition[2],
      past: false,
    });
    return;
  }
  const block = blocks.pop();
  if (tag === '/if' && block !== undefined) return;
  if (tag === 'else' && block !== undefined && !block.past) blocks.push({ ...block, past: true });
  else throw new TemplateError(`line ${line}: {{${tag}}} does not belong here`);
}

function variable(tag: string, line: number): { name: string; json: boolean } {
  const match = VARIABLE.exec(tag);
  if (match?.[2] === undefined) throw new TemplateError(`line ${line}: {{${tag}}} is no tag of a template`);
  return { name: match[2], json: match[1] !== undefined };
}

/** Cleaned of what a document must not carry into a terminal; blank is absent. */
function lookUp(values: Values, name: string): string | null {
  // Names are upper case, so none can be a word of the language's own objects.
  const value = values[name];
  if (value === undefined || value === null) return null;
  const text = plainLines(value);
  return text.trim() === '' ? null : text;
}

/** A JSON string is YAML, but for the characters that YAML calls unprintable and JSON leaves as they are. */
function yamlScalar(value: string | null): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
