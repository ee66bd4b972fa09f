/** A config with one instance more, its other lines as they are: comments, order and spacing are the user's. */
import { isMap, isSeq, parseDocument } from 'yaml';
import { type ConfigContext, parseConfig, problemLine } from './config.ts';
import { PRESETS } from './presets.ts';

export type NewInstance = {
  readonly id: string;
  readonly role: string;
  /** The name of the program that is started where the tmux session is not there (any more). */
  readonly program: string;
  /** The session of the user's own tmux. */
  readonly tmux: string;
};

export type Added = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

/** Never throws on what stands in the text. What cannot be added line by line, and what would be no config, is refused. */
export function withOneMore(text: string, instance: NewInstance, context: ConfigContext): Added {
  const before = parseConfig(text, context);
  if (!before.ok) return { ok: false, why: `it has faults: ${before.problems.slice(0, 1).map(problemLine).join()}` };
  const place = endOfInstances(text);
  if (place === null) return { ok: false, why: 'its instances are not written below each other, one after a hyphen' };
  const { at, indent } = place;
  const ended = at === 0 || text[at - 1] === '\n' ? '' : '\n';
  const next = text.slice(0, at) + ended + linesOf(instance, indent) + text.slice(at);
  const after = parseConfig(next, context);
  if (!after.ok) return { ok: false, why: `it would have faults: ${after.problems.slice(0, 1).map(problemLine).join()}` };
  const grown = after.config.instances.length === before.config.instances.length + 1;
  return grown ? { ok: true, text: next } : { ok: false, why: 'its instances could not be told from what follows them' };
}

/** Behind the line on which the last one ends; null: there is no such list. */
function endOfInstances(text: string): { readonly at: number; readonly indent: string } | null {
  const document = parseDocument(text);
  const list = isMap(document.contents) ? document.contents.get('instances', true) : null;
  if (!isSeq(list) || list.flow === true) return null;
  const end = (list.items.at(-1) as { readonly range?: readonly number[] } | undefined)?.range?.[1];
  const begin = list.range?.[0];
  if (end === undefined || begin === undefined) return null;
  const indent = text.slice(text.lastIndexOf('\n', begin) + 1, begin);
  if (/[^ ]/.test(indent)) return null;
  // A block ends where the next thing begins: on the line before, for what counts.
  const last = end > 0 && text[end - 1] === '\n' ? end - 1 : end;
  const newline = text.indexOf('\n', last);
  return { at: newline < 0 ? text.length : newline + 1, indent };
}

/** JSON's strings are YAML's too: whatever a name holds, it stays one value. */
function linesOf({ id, role, program, tmux }: NewInstance, indent: string): string {
  const agent = PRESETS.includes(program) ? `agent: ${program}` : `command: [${JSON.stringify(program)}]`;
  const lines = [
    `- id: ${JSON.stringify(id)}`,
    `  role: ${JSON.stringify(role)}`,
    `  ${agent}`,
    `  session: { tmux: ${JSON.stringify(tmux)} }`,
  ];
  return lines.map((line) => `${indent}${line}\n`).join('');
}
