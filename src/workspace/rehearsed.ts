/** Which rehearsals were played on this machine, how they ended and when: kept in the user's own state directory. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isObject, type Json } from '../core/tree.ts';

export type Rehearsed = { readonly passed: boolean; readonly at: number; readonly version: string };

function fileOf(env: NodeJS.ProcessEnv): string {
  const state = env.XDG_STATE_HOME?.startsWith('/') === true ? env.XDG_STATE_HOME : join(homedir(), '.local', 'state');
  return join(state, 'coordtui', 'rehearsals.json');
}

/** What lies there and is no such record counts as never rehearsed. */
export function readRehearsals(env: NodeJS.ProcessEnv = process.env): Record<string, Rehearsed> {
  let found: Json;
  try {
    found = JSON.parse(readFileSync(fileOf(env), 'utf8')) as Json;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'syscall' in error)) return {};
    throw error;
  }
  const entries = isObject(found) ? Object.entries(found) : [];
  return Object.fromEntries(
    entries.flatMap(([name, one]): [string, Rehearsed][] => {
      if (!isObject(one ?? null)) return [];
      const { passed, at, version } = one as Record<string, Json>;
      return typeof passed === 'boolean' && typeof at === 'number' && typeof version === 'string' ? [[name, { passed, at, version }]] : [];
    }),
  );
}

/** Answers why it could not be kept, or null: a rehearsal is no failure because of that. */
export function keepRehearsal(name: string, one: Rehearsed, env: NodeJS.ProcessEnv = process.env): string | null {
  const file = fileOf(env);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const swap = `${file}.${process.pid}`;
    writeFileSync(swap, `${JSON.stringify({ ...readRehearsals(env), [name]: one }, null, 2)}\n`, { mode: 0o600 });
    renameSync(swap, file);
    return null;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return error.message;
    throw error;
  }
}
