/**
 * The closed union of what a client and the room say to each other: JSON, a line each. The first line of a
 * connection says which language it speaks and in which version; a screen speaks frames after it (not yet).
 */
import type { ErrorCode } from '../core/reply.ts';
import type { Json, JsonObject } from '../core/tree.ts';

/** Raised whenever an older side could misunderstand a newer one. */
export const PROTOCOL = 1;

/** Longest line that either side accepts, in bytes: a diff fits, a flood does not. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

export type Hello = { readonly coordtui: number; readonly version: string; readonly mode: 'lines' | 'screen' };

export type Welcome = {
  readonly coordtui: number;
  readonly version: string;
  readonly workspace: string;
  readonly pid: number;
  /** How the room sees this connection: `operator`, `instance <id>`, `check` or `nobody`. */
  readonly authority: string;
};

export type Request = { readonly id: number; readonly verb: string; readonly args: JsonObject };

/** `part` lines may come before the one that ends the request. */
export type Answer =
  | { readonly id: number; readonly part: Json }
  | { readonly id: number; readonly ok: true; readonly text: string; readonly data: Json }
  | { readonly id: number; readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly hint: string };

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

export function parseHello(line: string): Parsed<Hello> {
  const value = objectIn(line);
  if (value === null) return { ok: false, why: 'the first line must be a JSON object' };
  if (typeof value.coordtui !== 'number') return { ok: false, why: 'the first line must carry the protocol number as "coordtui"' };
  if (value.mode !== 'lines' && value.mode !== 'screen') return { ok: false, why: 'mode must be "lines" or "screen"' };
  return {
    ok: true,
    value: { coordtui: value.coordtui, version: typeof value.version === 'string' ? value.version.slice(0, 40) : '?', mode: value.mode },
  };
}

export function parseWelcome(line: string): Parsed<Welcome> {
  const value = objectIn(line);
  if (value === null || typeof value.coordtui !== 'number') return { ok: false, why: 'whoever listens there is no coordtui room' };
  return {
    ok: true,
    value: {
      coordtui: value.coordtui,
      version: String(value.version ?? '?'),
      workspace: String(value.workspace ?? ''),
      pid: Number(value.pid ?? 0),
      authority: String(value.authority ?? 'nobody'),
    },
  };
}

export function parseRequest(line: string): Parsed<Request> {
  const value = objectIn(line);
  if (value === null) return { ok: false, why: 'a request must be a JSON object on one line' };
  if (typeof value.id !== 'number' || !Number.isSafeInteger(value.id))
    return { ok: false, why: 'a request must have a whole number as "id"' };
  if (typeof value.verb !== 'string' || value.verb.length > 60) return { ok: false, why: 'a request must name its "verb"' };
  const { args } = value;
  if (args !== undefined && (typeof args !== 'object' || args === null || Array.isArray(args)))
    return { ok: false, why: '"args" must be an object' };
  return { ok: true, value: { id: value.id, verb: value.verb, args: (args ?? {}) as JsonObject } };
}

/** The room is ours and of the same protocol, so its answers are only checked for shape. */
export function parseAnswer(line: string): Parsed<Answer> {
  const value = objectIn(line);
  if (value === null || typeof value.id !== 'number') return { ok: false, why: `not an answer: ${line.slice(0, 80)}` };
  return { ok: true, value: value as unknown as Answer };
}

export function format(message: Hello | Welcome | Request | Answer): string {
  return `${JSON.stringify(message)}\n`;
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
