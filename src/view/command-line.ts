/** A verb as it is typed into the room: the same words as on the command line, read by the same table (core/command). */
import { type Flag, VERBS, type Verb } from '../core/command.ts';
import type { VerbValue } from './ui-state.ts';

export type Typed =
  | { readonly ok: true; readonly verb: Verb; readonly args: Readonly<Record<string, VerbValue>> }
  | { readonly ok: false; readonly problem: string };

/** What only a shell can do, or what an agent says of itself, is not typed here. */
const ELSEWHERE: ReadonlySet<string> = new Set(['tail', 'status watch', 'ready', 'ack']);

/** The verbs that can be typed into the room. */
export const TYPEABLE: readonly Verb[] = VERBS.filter(({ name, where }) => (where !== 'local' || name === 'stop') && !ELSEWHERE.has(name));

/** The longest verb that the words begin with. */
export function verbIn(words: readonly string[]): Verb | null {
  return TYPEABLE.find(({ name }) => name === words.slice(0, 2).join(' ')) ?? TYPEABLE.find(({ name }) => name === words[0]) ?? null;
}

/** Words as a shell takes them apart: quotes hold words together, a backslash takes the next character as it is. */
export function splitWords(text: string): { readonly words: readonly string[]; readonly open: boolean } {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '\\' && quote !== "'") word = (word ?? '') + (characters[++at] ?? '');
    else if (quote !== null) {
      if (character === quote) quote = null;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/u.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (word !== null) words.push(word);
  return { words, open: quote !== null };
}

export function parseTyped(text: string): Typed {
  const { words, open } = splitWords(text.trim().replace(/^coordtui\s+/u, ''));
  if (open) return { ok: false, problem: 'a quote is not closed' };
  const verb = verbIn(words);
  if (verb === null) return { ok: false, problem: `there is no command "${(words[0] ?? '').slice(0, 40)}"` };
  return withArguments(verb, words.slice(verb.name.split(' ').length));
}

function withArguments(verb: Verb, words: readonly string[]): Typed {
  const args = new Map<string, VerbValue>();
  const positional: string[] = [];
  const wrong = (problem: string): Typed => ({ ok: false, problem: `${verb.name}: ${problem}` });
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('--')) {
      positional.push(word);
      continue;
    }
    const [name = '', given] = splitOnce(word.slice(2));
    // How an answer is printed is for those who print it.
    if (name === 'json') continue;
    const flag = verb.flags.find((one) => one.name === name);
    if (flag === undefined) return wrong(`there is no --${name.slice(0, 40)}`);
    if (flag.value === undefined) {
      args.set(name, true);
      continue;
    }
    const value = given ?? words[++at];
    if (value === undefined) return wrong(`--${name} needs a value`);
    const problem = put(args, flag, value);
    if (problem !== null) return wrong(problem);
  }
  for (const argument of verb.args) {
    const taken = argument.variadic === true ? positional.splice(0) : positional.splice(0, 1);
    if (taken.length === 0 && argument.required) return wrong(`${argument.name} is missing (${argument.help})`);
    const bad = taken.find((word) => argument.choices !== undefined && !argument.choices.includes(word));
    if (bad !== undefined) return wrong(`${argument.name} must be one of ${argument.choices?.join(', ')}`);
    if (taken.length > 0) args.set(argument.name, argument.variadic === true ? taken : (taken[0] ?? ''));
  }
  if (positional.length > 0) return wrong(`"${(positional[0] ?? '').slice(0, 40)}" is too much; put a text of several words in quotes`);
  const missing = verb.flags.find((flag) => flag.required === true && !args.has(flag.name));
  if (missing !== undefined) return wrong(`--${missing.name} is needed`);
  return { ok: true, verb, args: Object.fromEntries(args) };
}

function put(args: Map<string, VerbValue>, flag: Flag, value: string): string | null {
  if (flag.choices !== undefined && !flag.choices.includes(value)) return `--${flag.name} must be one of ${flag.choices.join(', ')}`;
  const before = args.get(flag.name);
  if (flag.repeatable !== true) args.set(flag.name, value);
  else args.set(flag.name, [...(Array.isArray(before) ? (before as readonly string[]) : []), value]);
  return null;
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
