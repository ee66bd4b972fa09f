/** What only the room can look at for `coordtui doctor`: its own cycle, its sessions from inside, and what the state remembers. */
import { join } from 'node:path';
import { execa } from 'execa';
import { everyHandoff } from '../core/archive.ts';
import type { SessionFacts } from '../core/checklist.ts';
import type { InstanceId } from '../core/ids.ts';
import { settledOf } from '../core/settled.ts';
import type { State } from '../core/state.ts';
import { getAt, type JsonObject } from '../core/tree.ts';
import { descendantsOf, environmentOf } from '../native/process.ts';
import { socketAddress, workspacePaths } from '../workspace/paths.ts';
import type { Room } from './dispatch.ts';

const ASK_MS = 5_000;

export async function roomFacts(room: Room): Promise<JsonObject> {
  const address = socketAddress(room.workspace);
  const socket = address.ok ? address.path : '';
  const shims = join(workspacePaths(room.workspace).privateDir, 'bin');
  const state = room.coordinator.state();
  const { policy, instances, verification } = state.coordinator.config;
  const outcomes = new Map(
    everyHandoff(state)
      .flatMap(({ rounds }) => rounds)
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .flatMap(({ checks }) => checks.map(({ check, outcome }) => [check as string, outcome as string] as const)),
  );
  const sessions = await Promise.all(
    instances.filter(({ command }) => command !== null).map(({ id, agent }) => sessionFacts(room, id, agent, socket, shims)),
  );
  return {
    lastLookMs: Math.max(0, room.now() - (room.coordinator.nextCycleAt() - policy.monitorIntervalMs)),
    intervalMs: policy.monitorIntervalMs,
    outcomes: Object.fromEntries(verification.checks.map(({ id }) => [id, outcomes.get(id) ?? null])),
    decided: settledOf(state).length,
    recordedBenchmarks: state.coordinator.baseline?.benchmarks.length ?? 0,
    sessions: sessions as unknown as JsonObject[],
  };
}

async function sessionFacts(room: Room, instance: InstanceId, agent: string, socket: string, shims: string): Promise<SessionFacts> {
  const state = room.coordinator.state();
  const pane = room.panes.get(instance);
  const running = state.coordinator.instances[instance]?.session === 'running' && pane !== null && pane.exit() === null;
  if (!running) return { instance, running, finds: null, heard: isHeard(state, instance), reaches: null };
  const inside = [pane.pid, ...descendantsOf(pane.pid).map(({ pid }) => pid)];
  const environments = inside.map(environmentOf).filter((found) => found !== null);
  // The newest child has the PATH that the program gives to what it starts; the session's own is only what it was started with.
  const child = environments.length > 1 ? environments.at(-1)?.get('PATH') : undefined;
  const path = child ?? (agent === 'shell' ? await pathOfShell(environments[0]) : null) ?? null;
  const named = environments[0]?.get('COORDTUI_SOCKET');
  return {
    instance,
    running,
    finds: path === null ? null : firstOn(path, shims),
    heard: isHeard(state, instance),
    reaches: named === undefined ? null : named === socket,
  };
}

function isHeard(state: State, instance: InstanceId): boolean {
  if ((state.coordinator.instances[instance]?.lastReportAt ?? null) !== null) return true;
  const acks = getAt(state.document, ['instances', instance, 'acknowledgments']);
  return Array.isArray(acks) && acks.length > 0;
}

function firstOn(path: string, shims: string): NonNullable<SessionFacts['finds']> {
  const folders = path.split(':');
  return folders[0] === shims ? 'ours' : folders.includes(shims) ? 'another' : 'none';
}

/** A shell reads its start files when it is asked to behave like the one in the pane; what it prints last is its PATH. */
async function pathOfShell(environment: ReadonlyMap<string, string> | undefined): Promise<string | null> {
  const shell = environment?.get('SHELL') ?? '/bin/sh';
  if (environment === undefined || !shell.startsWith('/')) return null;
  const { stdout, failed } = await execa(shell, ['-ic', 'printf "\\nPATH=%s\\n" "$PATH"'], {
    env: Object.fromEntries(environment),
    extendEnv: false,
    stdin: 'ignore',
    stderr: 'ignore',
    timeout: ASK_MS,
    reject: false,
    forceKillAfterDelay: 500,
  });
  const found = /^PATH=(.*)$/mu.exec(stdout)?.[1];
  return failed || found === undefined ? null : found;
}
