/** The sessions as the kernel sees them: for telling whose process a connection comes from. */
import type { Config } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import { processInfo } from '../native/process.ts';
import type { PaneSet } from '../pane/pane-set.ts';

export function sessionPids(panes: PaneSet, config: Config): Map<number, InstanceId> {
  const pids = new Map<number, InstanceId>();
  for (const { id } of config.instances) {
    const pane = panes.get(id);
    if (pane !== null && pane.exit() === null) pids.set(pane.pid, id);
  }
  return pids;
}

export function sessionTerminals(panes: PaneSet, config: Config): Map<number, InstanceId> {
  const terminals = new Map<number, InstanceId>();
  for (const [pid, id] of sessionPids(panes, config)) {
    const tty = processInfo(pid)?.ttyNr ?? 0;
    if (tty !== 0) terminals.set(tty, id);
  }
  return terminals;
}
