/** What the former room knew of its sessions, before the next one has looked itself: nothing (PROTOCOL section 2, `unknown`). */
import type { Ms } from './ids.ts';
import type { InstanceState, State } from './state.ts';

/** For showing only: no decision is made from it. @param since when this room began to look */
export function unseen({ document, coordinator }: State, since: Ms): State {
  const instances = Object.entries(coordinator.instances).map(([id, { vitals: _known, ...instance }]): [string, InstanceState] => [
    id,
    { ...instance, session: instance.session === 'none' ? 'none' : 'unknown', pid: null, exit: null, since },
  ]);
  return { document, coordinator: { ...coordinator, instances: Object.fromEntries(instances) } };
}
