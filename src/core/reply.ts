/** What a verb answers: data for `--json` and a sentence for people, or an error with its exit code (INTERFACE). */
import type { Json } from './tree.ts';

export const EXIT = {
  done: 0,
  no: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  noRoom: 69,
  cannotWrite: 73,
  held: 75,
  notPermitted: 77,
  badConfig: 78,
} as const;
export type ErrorCode = Exclude<keyof typeof EXIT, 'done'>;

export type Failure = { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly hint: string };
export type Reply = { readonly ok: true; readonly text: string; readonly data: Json } | Failure;

export function done(text: string, data: Json = null): Reply {
  return { ok: true, text, data };
}

/** One sentence each: what happened and where, then what to do about it. */
export function failure(code: ErrorCode, message: string, hint: string): Failure {
  return { ok: false, code, message, hint };
}
