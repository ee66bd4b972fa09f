/**
 * The closed union of what a client and the room say to each other: JSON, a line each. The first line of a
 * connection says which language it speaks and in which version; a screen speaks frames after it (`frames.ts`).
 */
import { type ErrorCode, EXIT } from '../core/reply.ts';
import type { Json, JsonObject } from '../core/tree.ts';

/** Raised whenever an older side could misunderstand a newer one. */
export const PROTOCOL = 4;

/** Longest line that either side accepts, in bytes: a diff fits, a flood does not. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

export type Hello = { readonly coordtui: number; readonly version: string; readonly mode: 'lines' | 'screen' };

/** The first line of a screen; frames follow it. What is missing or odd is replaced by something harmless. */
export type ScreenHello = Hello & {
  readonly mode: 'screen';
  readonly cols: number;
  readonly rows: number;
  /** The terminal's device. */
  readonly tty: string | null;
  /**
   * Until when the room may use that terminal itself: keys come from it, and what is drawn goes to it. In milliseconds of the
   * steady clock that all processes of a machine share; null: not at all.
   */
  readonly lends: number | null;
  readonly colours: 'none' | '16' | '256' | 'truecolor';
  /** Instance to begin in terminal focus with. */
  readonly focus: string | null;
  readonly observe: boolean;
  /** Only that instance's session is shown at first. */
  readonly zoom: boolean;
};

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

const COLOURS = ['none', '16', '256', 'truecolor'] as const;
const SIZE_LIMIT = 1000;

export function parseScreenHello(line: string): Parsed<ScreenHello> {
  const hello = parseHello(line);
  const value = objectIn(line);
  if (!hello.ok || value === null) return hello.ok ? { ok: false, why: 'the first line must be a JSON object' } : hello;
  const number = (field: unknown, fallback: number) =>
    Number.isSafeInteger(field) ? Math.min(Math.max(Number(field), 1), SIZE_LIMIT) : fallback;
  const text = (field: unknown) => (typeof field === 'string' && field.length < 1000 ? field : null);
  return {
    ok: true,
    value: {
      ...hello.value,
      mode: 'screen',
      cols: number(value.cols, 80),
      rows: number(value.rows, 24),
      tty: text(value.tty),
      lends: typeof value.lends === 'number' && Number.isFinite(value.lends) ? value.lends : null,
      colours: COLOURS.find((one) => one === value.colours) ?? '16',
      focus: text(value.focus),
      observe: value.observe === true,
      zoom: value.zoom === true,
    },
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

export function parseAnswer(line: string): Parsed<Answer> {
  const value = objectIn(line);
  if (value === null || !isAnswer(value)) return { ok: false, why: `not an answer: ${line.slice(0, 80)}` };
  return { ok: true, value };
}

/** Whoever listens there may be of another version, or no room at all: an answer without an exit code would be none. */
function isAnswer(value: object): value is Answer {
  if (!('id' in value) || !Number.isSafeInteger(value.id)) return false;
  if ('part' in value) return true;
  if (!('ok' in value)) return false;
  if (value.ok === true) return 'text' in value && typeof value.text === 'string' && 'data' in value;
  if (value.ok !== false || !('code' in value) || !('message' in value) || !('hint' in value)) return false;
  const { code, message, hint } = value;
  return isErrorCode(code) && typeof message === 'string' && typeof hint === 'string';
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && code !== 'done' && Object.hasOwn(EXIT, code);
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
