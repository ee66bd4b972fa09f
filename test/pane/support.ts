/** What the tests of panes share: a place, a way to wait for a condition, and real processes to look at. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InstanceConfig } from '../../src/core/config.ts';
import type { InstanceId } from '../../src/core/ids.ts';
import { allProcesses, environmentOf, processInfo } from '../../src/native/process.ts';
import { createPaneSet, type PaneSet, type PaneSetOptions } from '../../src/pane/pane-set.ts';

export type Place = { readonly root: string; readonly sessionsFile: string; remove(): void };

export function makePlace(): Place {
  const root = mkdtempSync(path.join(tmpdir(), 'pane-'));
  return { root, sessionsFile: path.join(root, 'private', 'sessions.json'), remove: () => rmSync(root, { recursive: true, force: true }) };
}

export const BACKEND = 'instance-1-planning-backend' as InstanceId;
export const FRONTEND = 'instance-2-frontend' as InstanceId;

export function instance(command: readonly string[] | null, extra: Partial<InstanceConfig> = {}): InstanceConfig {
  return { id: BACKEND, role: 'backend', agent: 'command', command, cwd: '.', env: {}, files: [], restart: 'never', ...extra };
}

/** A script for `node -e`, as a command. */
export function node(script: string, ...args: string[]): string[] {
  return [process.execPath, '-e', script, ...args];
}

export function paneSet(place: Place, instances: readonly InstanceConfig[], extra: Partial<PaneSetOptions> = {}): PaneSet {
  return createPaneSet({
    instances,
    root: place.root,
    env: (id) => ({ COORDTUI_WORKSPACE: place.root, COORDTUI_INSTANCE: id }),
    scrollbackLines: 1000,
    sessionsFile: place.sessionsFile,
    end: { graceMs: 300, patienceMs: 20_000 },
    onTrouble: (sentence) => {
      throw new Error(sentence);
    },
    ...extra,
  });
}

export function started(answer: ReturnType<PaneSet['start']>): number {
  if ('failed' in answer) throw new Error(answer.failed);
  return answer.pid;
}

export function isRunning(pid: number): boolean {
  const state = processInfo(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Living processes that carry this variable with this value. */
export function carriers(name: string, value: string): number[] {
  return allProcesses()
    .filter(({ pid }) => isRunning(pid) && environmentOf(pid)?.get(name) === value)
    .map(({ pid }) => pid);
}
