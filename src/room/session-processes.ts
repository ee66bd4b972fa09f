/** The sessions as the kernel sees them: for telling whose process a connection comes from. */
import type { InstanceId } from '../core/ids.ts';
import { processInfo } from '../native/process.ts';
import type { PaneSet } from '../pane/pane-set.ts';

/** Also those of instances that no config names any more, until they are over: what leaves them is nobody else's. */
export function sessionPids(panes: Pick<PaneSet, 'leaders'>): ReadonlyMap<number, InstanceId> {
  return panes.leaders();
}

export function sessionTerminals(panes: Pick<PaneSet, 'leaders'>): Map<number, InstanceId> {
  const terminals = new Map<number, InstanceId>();
  for (const [pid, id] of sessionPids(panes)) {
    const tty = processInfo(pid)?.ttyNr ?? 0;
    if (tty !== 0) terminals.set(tty, id);
  }
  return terminals;
}
