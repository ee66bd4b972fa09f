/** What keeps "never two of one" true after a room was killed: its sessions are ended before any is started. */
import { rmSync } from 'node:fs';
import type { InstanceId } from '../core/ids.ts';
import { type ProcessInfo, processInfo } from '../native/process.ts';
import { DEFAULT_END, type EndOptions, endSession } from './session-end.ts';
import { ROOM_TOKEN } from './session-env.ts';
import { currentBootId, readSessionsFile, type SessionRecord, writeSessionsFile } from './sessions-file.ts';

export type Survivor = { readonly pid: number; readonly comm: string; readonly instance: InstanceId | null };

export type SurvivorsEnded = {
  readonly ended: readonly Survivor[];
  /** What could not be ended (another user's by now, or stuck in the kernel); it stays recorded. */
  readonly left: readonly Survivor[];
  /** The record could not be read or removed: one sentence. */
  readonly issue: string | null;
};

/**
 * Ends what former rooms of this workspace left behind: every recorded session whose leader is still the same process,
 * and every process that carries such a room's token. A pid that was given to another process is never touched, nor
 * is this process or its ancestors. To be called before the first session is started.
 */
export async function endSurvivors(sessionsFile: string, options: EndOptions = DEFAULT_END): Promise<SurvivorsEnded> {
  const { record, issue } = readSessionsFile(sessionsFile);
  if (record === null) return { ended: [], left: [], issue };
  const sameBoot = record.bootId === currentBootId();
  const leaders = sameBoot ? record.sessions.filter(isStillThere) : [];
  const tokens = new Set(record.tokens);
  const instanceOf = new Map(leaders.map(({ pid, instance }) => [pid, instance]));
  const survivor = ({ pid, sid, comm }: ProcessInfo): Survivor => ({
    pid,
    comm,
    instance: instanceOf.get(pid) ?? instanceOf.get(sid) ?? null,
  });

  const { ended, left } = await endSession(
    { leaders, claims: (_candidate, environment) => tokens.has(environment?.get(ROOM_TOKEN) ?? '') },
    options,
  );
  return { ended: ended.map(survivor), left: left.map(survivor), issue: issue ?? settle(sessionsFile, left.length === 0) };
}

/** Where the system tells no start times a pid proves nothing, and only the token counts. */
function isStillThere({ pid, startTicks }: SessionRecord): boolean {
  return startTicks > 0 && processInfo(pid)?.startTicks === startTicks;
}

function settle(file: string, nothingLeft: boolean): string | null {
  if (!nothingLeft) return null;
  try {
    rmSync(file, { force: true });
    return null;
  } catch (error) {
    return `${file} cannot be removed: ${(error as Error).message}`;
  }
}

/** The record of the sessions of one room, on disk after every change. */
export type SessionsLedger = { add(instance: InstanceId, pid: number, startTicks: number): void; remove(pid: number): void };

/**
 * Records the room's token at once, before any session can carry it: also a session whose start was never recorded is
 * found again. What is still recorded of rooms before stays. Throws what the disk throws.
 */
export function openSessionsLedger(sessionsFile: string, token: string): SessionsLedger {
  const bootId = currentBootId();
  const before = readSessionsFile(sessionsFile).record;
  let sessions = before?.bootId === bootId ? [...before.sessions] : [];
  const tokens = [...(before?.tokens ?? []), token];
  const write = (): void => writeSessionsFile(sessionsFile, { bootId, tokens, sessions });
  write();
  return {
    add(instance, pid, startTicks) {
      sessions.push({ instance, pid, startTicks });
      write();
    },
    remove(pid) {
      sessions = sessions.filter((session) => session.pid !== pid);
      write();
    },
  };
}
