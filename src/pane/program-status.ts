/**
 * OSC 7501, by which a program tells its terminal what it is doing: `state=working:app=…:msg=<base64>`.
 * The first source of PROTOCOL section 9 after the exit. Everything in it is untrusted and capped.
 */
import { plainText } from './plain-text.ts';

const PROGRAM_STATES = ['idle', 'working', 'done', 'blocked', 'error'] as const;
export type ProgramState = (typeof PROGRAM_STATES)[number];
const BLOCKED_KINDS = ['permission', 'question', 'auth'] as const;
export type BlockedKind = (typeof BLOCKED_KINDS)[number];

export type ProgramReport = {
  /** A path `a/b` below the program, or the empty word for the program itself. */
  readonly id: string;
  readonly state: ProgramState;
  readonly kind: BlockedKind | null;
  /** Percent, for working and blocked. */
  readonly progress: number | null;
  readonly app: string | null;
  readonly title: string | null;
  readonly message: string | null;
};

export type Sequence =
  | { readonly type: 'query' }
  | { readonly type: 'report'; readonly report: ProgramReport }
  | { readonly type: 'clear'; readonly id: string }
  | { readonly type: 'refused'; readonly why: string };

const LIMITS = { sequence: 4096, records: 256, app: 32, id: 128, segment: 32, depth: 8, title: 192, message: 2048 };
const KEY = /^[a-z][a-z0-9_-]{0,15}$/;
const VALUE = /^[A-Za-z0-9_.,+/=-]*$/;

export function parseProgramStatus(payload: string): Sequence {
  if (payload === '?') return { type: 'query' };
  if (Buffer.byteLength(payload) > LIMITS.sequence) return refused('the sequence is longer than 4096 bytes');
  const fields = new Map<string, string>();
  for (const pair of payload.split(':')) {
    const at = pair.indexOf('=');
    const [key, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (at < 1 || !KEY.test(key) || !VALUE.test(value)) return refused('a pair is not key=value');
    fields.set(key, value);
  }
  const id = fields.get('id') ?? '';
  if (!isId(id)) return refused('the id is not a path of short segments');
  const state = fields.get('state');
  if (state === 'clear') return { type: 'clear', id };
  if (!isOneOf(PROGRAM_STATES, state)) return refused('the state is not one that is known');
  return { type: 'report', report: reportOf(id, state, fields) };
}

/** The newest report of each id; a report replaces the one before it whole. */
export type ProgramRecords = {
  take(sequence: Sequence): void;
  /** RIS, or the program's exit. */
  clear(): void;
  /** A new shell prompt: what was being worked on is over. */
  endWork(): void;
  list(): readonly ProgramReport[];
};

export function createProgramRecords(): ProgramRecords {
  const records = new Map<string, ProgramReport>();
  const remove = (gone: (report: ProgramReport) => boolean): void => {
    for (const report of records.values()) if (gone(report)) records.delete(report.id);
  };
  return {
    take(sequence) {
      if (sequence.type === 'clear') remove(({ id }) => sequence.id === '' || id === sequence.id || id.startsWith(`${sequence.id}/`));
      if (sequence.type !== 'report') return;
      const { report } = sequence;
      if (records.has(report.id) || records.size < LIMITS.records) records.set(report.id, report);
    },
    clear: () => records.clear(),
    endWork: () => remove(({ state }) => state === 'working' || state === 'blocked'),
    list: () => [...records.values()],
  };
}

function reportOf(id: string, state: ProgramState, fields: ReadonlyMap<string, string>): ProgramReport {
  const kind = fields.get('kind');
  const app = fields.get('app') ?? '';
  return {
    id,
    state,
    kind: state === 'blocked' && isOneOf(BLOCKED_KINDS, kind) ? kind : null,
    progress: state === 'working' || state === 'blocked' ? percent(fields.get('progress')) : null,
    app: app !== '' && app.length <= LIMITS.app ? app : null,
    title: decoded(fields.get('title'), LIMITS.title),
    message: decoded(fields.get('msg'), LIMITS.message),
  };
}

function isId(id: string): boolean {
  if (id === '') return true;
  const segments = id.split('/');
  return id.length <= LIMITS.id && segments.length <= LIMITS.depth && segments.every((one) => one !== '' && one.length <= LIMITS.segment);
}

function percent(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,3}$/.test(text)) return null;
  return Number(text) <= 100 ? Number(text) : null;
}

/** Base64 of UTF-8; anything else is no text at all. */
function decoded(base64: string | undefined, bytesAtMost: number): string | null {
  if (base64 === undefined || base64 === '') return null;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > bytesAtMost) return null;
  try {
    return plainText(new TextDecoder('utf-8', { fatal: true }).decode(bytes), bytesAtMost) || null;
  } catch {
    // Not UTF-8: the state counts, the words are left out.
    return null;
  }
}

function isOneOf<Word extends string>(words: readonly Word[], word: string | undefined): word is Word {
  return word !== undefined && (words as readonly string[]).includes(word);
}

function refused(why: string): Sequence {
  return { type: 'refused', why };
}
