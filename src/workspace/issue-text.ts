/** The schema's findings as sentences that name what should stand there. */
import type { z } from 'zod';
import type { Fault } from './config-rules.ts';
import { type KeyPath, shown } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section of "key: value" lines',
};

/** One fault per thing to correct. `isKey` tells that the key itself is wrong, not its value. */
export function faultsOf(issue: Issue, around: KeyPath = []): (Fault & { readonly isKey: boolean })[] {
  const path = [...around, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: `is not a known key (${issue.message})`, isKey: true }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return likeliest(issue.errors, issue.input).flatMap((inner) => faultsOf(inner, path));
  return [{ path, message: sentence(issue), isKey: false }];
}

/** Of the forms that a value may take, the one that it looks most like. */
function likeliest(branches: readonly (readonly Issue[])[], input: unknown): readonly Issue[] {
  const isSection = typeof input === 'object' && input !== null;
  const speaksOfParts = (issues: readonly Issue[]) => issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys');
  const fitting = branches.filter((issues) => speaksOfParts(issues) === isSection);
  const [first, ...others] = fitting.length > 0 ? fitting : branches;
  return others.reduce((best: readonly Issue[], issues) => (issues.length < best.length ? issues : best), first ?? []);
}

function sentence(issue: Issue): string {
  if (issue.code === 'invalid_type') return typeSentence(issue.expected, issue.input);
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}${got(issue.input)}`;
  if (issue.code === 'too_small') return sizeSentence(issue.origin, 'at least', Number(issue.minimum), issue.input);
  if (issue.code === 'too_big') return sizeSentence(issue.origin, 'at most', Number(issue.maximum), issue.input);
  return issue.message;
}

function typeSentence(expected: string, input: unknown): string {
  if (input === undefined) return 'is missing';
  const quoted =
    expected === 'string' && (typeof input === 'number' || typeof input === 'boolean') ? `: write "${String(input)}"` : got(input);
  return `must be ${KINDS[expected] ?? expected}${quoted}`;
}

function sizeSentence(origin: string, bound: string, limit: number, input: unknown): string {
  if (origin === 'string') return limit === 1 && bound === 'at least' ? 'must not be empty' : `must have ${bound} ${limit} characters`;
  if (origin === 'array') return `must have ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `must be ${bound} ${limit}${got(input)}`;
}

function got(input: unknown): string {
  if (input === null) return ', not empty';
  if (Array.isArray(input)) return ', not a list';
  if (typeof input === 'object') return ', not a section';
  return `, not ${typeof input === 'string' ? `"${shown(input)}"` : String(input)}`;
}
