/** The handoffs that are not closed: asked for many times in each step, of a table that seldom changes. */
import type { HandoffId } from './ids.ts';
import type { Handoff } from './state.ts';

/** A table of handoffs is never changed, only replaced, so what was found in one stays true of it. */
const found = new WeakMap<object, readonly Handoff[]>();

export function openOf(handoffs: Readonly<Record<HandoffId, Handoff>>): readonly Handoff[] {
  let open = found.get(handoffs);
  if (open === undefined) {
    open = Object.values(handoffs).filter((handoff) => handoff.closedAt === null);
    found.set(handoffs, open);
  }
  return open;
}
