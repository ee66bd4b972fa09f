/**
 * Acknowledgments as instances write them (PROTOCOL section 8):
 * `[ACK] h-3f2a - RECEIVED`, then `Understanding: …` and what the word asks for. Foreign text, parsed at the door.
 */
import { parseAckStatus } from './acknowledgment.ts';
import { type HandoffId, parseHandoffId } from './ids.ts';
import { plain } from './plain.ts';
import type { Acknowledgment } from './state.ts';
import { getAt, isObject, type Json, type JsonObject } from './tree.ts';

export type Ack = {
  readonly task: HandoffId;
  readonly status: Acknowledgment;
  readonly understanding: string | null;
  /** What the word asks for: the understanding, the questions, the reason or the note. */
  readonly text: string | null;
};

export type AckResult = { readonly ok: true; readonly ack: Ack } | { readonly ok: false; readonly error: string };

type Field = 'understanding' | 'reason' | 'question' | 'note';
type Fields = Readonly<Record<Field, string | null>>;

const MAX_TEXT = 10_000;
const MAX_LINE = 1000;
const MAX_ACKS = 50;
const HEAD = /^\s*\[ack\]\s*(\S+?)\s*(?:\s[-–—]|:)\s*([a-z_-]+)\b[\s.:;,-]*(.*)$/iu;
const LABEL = /^\s*(?:[-*]\s*)?(understanding|reason|questions?|note)\s*:\s*(.*)$/iu;

/** What each word needs beside itself, and how to say so. RECEIVED without an understanding is accepted: the operator sees that it is missing. */
const NEEDS: Readonly<Record<Acknowledgment, { readonly field: Field; readonly required: string | null }>> = {
  RECEIVED: { field: 'understanding', required: null },
  CLARIFICATION_NEEDED: { field: 'question', required: 'CLARIFICATION_NEEDED needs a question: add a line "Question: …"' },
  REJECTED: { field: 'reason', required: 'REJECTED needs a reason: add a line "Reason: …"' },
  QUEUED: { field: 'note', required: 'QUEUED needs a note: add a line "Note: …"' },
};

/** The first acknowledgment in the text. An error is one sentence that says what to write instead. */
export function parseAck(text: string): AckResult {
  return parseAcks(text)[0] ?? { ok: false, error: 'no line of the form "[ACK] h-3f2a - RECEIVED"' };
}

/** Every acknowledgment in the text, in its order; the lines under one belong to it. */
export function parseAcks(text: string): AckResult[] {
  const blocks: string[][] = [];
  for (const line of text.slice(0, MAX_TEXT).split(/\r\n?|\n/u)) {
    if (/^\s*\[ack\]/iu.test(line)) blocks.push([line]);
    else blocks.at(-1)?.push(line);
  }
  return blocks.slice(-MAX_ACKS).map(parseBlock);
}

/** An acknowledgment that came as fields of an object instead of lines. */
function ackFrom(task: string, status: string, fields: Fields): AckResult {
  const id = parseHandoffId(task.trim());
  if (id === null) return { ok: false, error: `[ACK] "${plain(task, 60)}" is no task: ids look like h-3f2a` };
  const word = parseAckStatus(status);
  if (word === null) {
    return { ok: false, error: `[ACK] ${id}: "${plain(status, 60)}" is none of RECEIVED, CLARIFICATION_NEEDED, REJECTED, QUEUED` };
  }
  const { field, required } = NEEDS[word];
  const text = fields[field];
  if (text === null && required !== null) return { ok: false, error: `[ACK] ${id}: ${required}` };
  return { ok: true, ack: { task: id, status: word, understanding: fields.understanding, text } };
}

function parseBlock(lines: readonly string[]): AckResult {
  const [head = '', ...rest] = lines.map((line) => line.slice(0, MAX_LINE));
  const match = HEAD.exec(head);
  if (match === null) return { ok: false, error: `"${plain(head, 80)}" is not of the form "[ACK] h-3f2a - RECEIVED"` };
  const [, task = '', status = '', tail = ''] = match;
  return ackFrom(task, status, readFields([tail, ...rest]));
}

/** `Label: text`, with further lines (list items, as a rule) up to the next label, an empty line or the end of a code block. */
function readFields(lines: readonly string[]): Fields {
  const found: Record<Field, string[]> = { understanding: [], reason: [], question: [], note: [] };
  let open: Field | null = null;
  for (const line of lines) {
    const label = LABEL.exec(line);
    if (label !== null) {
      open = fieldOf(label[1] ?? '');
      found[open].push(label[2] ?? '');
    } else if (/^\s*(?:```.*)?$/u.test(line)) open = null;
    else if (open !== null) found[open].push(line.replace(/^\s*(?:[-*]|\d+[.)])\s+/u, ''));
  }
  return {
    understanding: joined(found.understanding),
    reason: joined(found.reason),
    question: joined(found.question),
    note: joined(found.note),
  };
}

function fieldOf(label: string): Field {
  const word = label.toLowerCase();
  return word === 'questions' ? 'question' : (word as Field);
}

function joined(lines: readonly string[]): string | null {
  const text = lines.map((line) => plain(line, MAX_LINE)).filter((line) => line !== '');
  return text.length === 0 ? null : text.join(' · ');
}

/** Acknowledgments out of a list in the status document: one text, a text per entry, a line per entry, or objects; nobody ever defined its shape. */
export function readAcks(value: Json | undefined): AckResult[] {
  const entries: readonly Json[] = Array.isArray(value) ? value.slice(-100) : value === undefined || value === null ? [] : [value as Json];
  const lines = entries.filter((entry) => typeof entry === 'string').join('\n');
  return [...parseAcks(lines), ...entries.filter((entry) => isObject(entry)).map(ackFromObject)];
}

function ackFromObject(entry: JsonObject): AckResult {
  const text = (...keys: readonly string[]): string | null => {
    for (const key of keys) {
      const value = getAt(entry, [key]);
      if (typeof value === 'string' && value.trim() !== '') return plain(value, 1000);
    }
    return null;
  };
  return ackFrom(text('task_id', 'taskId', 'task', 'handoff', 'id') ?? '', text('status') ?? '', {
    understanding: text('understanding'),
    reason: text('reason'),
    question: text('question', 'questions'),
    note: text('note'),
  });
}
