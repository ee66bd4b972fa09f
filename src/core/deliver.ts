/**
 * What is sent to an instance: a document by its path, and a message that names the path and never carries
 * the body (PROTOCOL section 8). The message stands in the instance's part of the status document.
 */
import type { TemplateName } from './effect.ts';
import type { Priority } from './handoff.ts';
import type { HandoffId, InstanceId } from './ids.ts';
import type { TreeRef } from './report.ts';
import { isoTime } from './time.ts';
import { getAt, type Json } from './tree.ts';
import { prompted } from './vitals.ts';
import { draw, putDocument, type Work } from './work.ts';

/** Older messages stay in the journal; the status file is kept small. */
const MESSAGES_KEPT = 20;

export type Message = {
  readonly to: InstanceId;
  readonly type: 'task' | 'alert' | 'status' | 'request' | 'response';
  readonly subject: string;
  readonly text: string;
  readonly priority: Priority;
  readonly handoff: HandoffId;
  readonly path: string | null;
};

export function sendMessage(work: Work, message: Message): void {
  const path = ['instances', message.to, 'messages'];
  const before = getAt(work.document, path);
  const kept: readonly Json[] = Array.isArray(before) ? before : [];
  const entry: Json = {
    id: `msg_${Math.floor(work.at / 1000)}_${draw(work)}`,
    type: message.type,
    subject: message.subject,
    message: message.text,
    priority: message.priority,
    handoff: message.handoff,
    path: message.path,
    timestamp: isoTime(work.at),
  };
  putDocument(work, path, [...kept, entry].slice(-MESSAGES_KEPT));
  if (message.type !== 'status') prompted(work, message.to);
}

export type Document = {
  readonly from: InstanceId;
  readonly to: InstanceId;
  readonly template: TemplateName;
  readonly values: Readonly<Record<string, string | null>>;
};

const FOLDER = 'docs_dev/handoffs';

/** Asks for the document and answers its path, relative to the workspace. */
export function writeDocument(work: Work, document: Document, of?: Attached): string {
  const uuid = draw(work);
  const path = `${FOLDER}/handoff-${uuid}-${document.from}-to-${document.to}.md`;
  const values = { UUID: `handoff-${uuid}`, FROM: document.from, TO: document.to, CREATED: isoTime(work.at), ...document.values };
  work.effects.push({ type: 'document.write', path, template: document.template, values, ...(of === undefined ? {} : { work: of }) });
  return path;
}

type Attached = { readonly instance: InstanceId; readonly base: TreeRef | null };

/** A document that is delivered to nobody. */
export function writePlain(work: Work, path: string, template: TemplateName, values: Document['values']): void {
  work.effects.push({ type: 'document.write', path, template, values });
}

/** A second place for a document that was just written: its history. */
export function writeCopy(work: Work, path: string, folder: string): void {
  const written = work.effects.findLast((effect) => effect.type === 'document.write' && effect.path === path);
  if (written?.type !== 'document.write') throw new Error(`no document ${path} is written in this step`);
  work.effects.push({ ...written, path: `${folder}/${path.slice(path.lastIndexOf('/') + 1)}` });
}
