/** What a scripted agent sees: its variables, the status document, the files around it. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Condition } from './script.ts';

export type World = {
  readonly instance: string;
  readonly workspace: string;
  readonly statusFile: string;
  /** How `coordtui` is called: the program, and what stands before the verb. */
  readonly coordtui: readonly [string, ...string[]];
  /** Factor for everything that only takes time for the eye; 0 in tests. */
  readonly pace: number;
  /** The handoff that this agent works on; null before it was assigned. */
  handoff(): string | null;
  holds(condition: Condition): boolean;
  /** What the newest message of this subject is about; null: there is none. */
  about(subject: string): string | null;
  /** The path of the newest document that came with a message of this subject, once it lies there; inside the workspace only. */
  document(subject: string): string | null;
};

type Message = { readonly subject: string; readonly handoff: string; readonly path: string | null };

export function openWorld(env: NodeJS.ProcessEnv): World {
  const instance = required(env, 'COORDTUI_INSTANCE');
  const workspace = realpathSync(required(env, 'COORDTUI_WORKSPACE'));
  const statusFile = required(env, 'COORDTUI_STATUS_FILE');
  let handoff: string | null = null;

  const own = (): Record<string, unknown> => recordAt(recordAt(readDocument(statusFile), 'instances'), instance);
  const messages = (): Message[] => {
    const list = own().messages;
    return Array.isArray(list) ? list.flatMap(messageOf) : [];
  };

  const assigned = (): boolean => {
    const current = own().currentAssignment;
    if (typeof current === 'string') handoff = current;
    // Signed off while this agent was down: the handoff is no longer its assignment, and there is nothing left to do.
    else handoff ??= messages().findLast(({ subject }) => subject === 'sign_off')?.handoff ?? null;
    return handoff !== null;
  };

  const holds = (condition: Condition): boolean => {
    if ('not' in condition) return !holds(condition.not);
    if ('any' in condition) return condition.any.some(holds);
    if ('assigned' in condition) return assigned();
    if ('phase' in condition) return condition.phase.includes(String(own().status));
    if ('message' in condition) return messages().some((message) => message.subject === condition.message && message.handoff === handoff);
    if ('asked' in condition) return messages().some((message) => message.subject === condition.asked);
    if ('file' in condition) return existsSync(condition.file);
    return existsSync(condition.contains.file) && readFileSync(condition.contains.file, 'utf8').includes(condition.contains.text);
  };

  return {
    instance,
    workspace,
    statusFile,
    coordtui: env.COORDTUI_BIN ? [process.execPath, env.COORDTUI_BIN] : ['coordtui'],
    pace: Number(env.COORDTUI_REHEARSAL_PACE ?? 1),
    handoff: () => handoff,
    holds,
    about: (subject) => messages().findLast((message) => message.subject === subject)?.handoff ?? null,
    document(subject) {
      const named = messages().findLast(
        (message) => message.subject === subject && message.handoff === handoff && message.path !== null,
      )?.path;
      if (named === undefined || named === null) return null;
      const file = path.resolve(workspace, named);
      if (!existsSync(file)) return null;
      return realpathSync(file).startsWith(`${workspace}${path.sep}`) ? file : null;
    },
  };
}

/** The file is replaced while we look: missing or unfinished means that there is nothing to see yet. */
function readDocument(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function recordAt(value: unknown, key: string): Record<string, unknown> {
  const found = isRecord(value) && Object.hasOwn(value, key) ? value[key] : null;
  return isRecord(found) ? found : {};
}

function messageOf(value: unknown): Message[] {
  if (!isRecord(value) || typeof value.subject !== 'string' || typeof value.handoff !== 'string') return [];
  return [{ subject: value.subject, handoff: value.handoff, path: typeof value.path === 'string' ? value.path : null }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set: this program runs inside a session of coordtui`);
  return value;
}
