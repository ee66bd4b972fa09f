/** The order in which ready handoffs are verified (PROTOCOL section 3): by priority, then by age. */
import { PRIORITIES } from './handoff.ts';
import type { Handoff } from './state.ts';

/** For `sort`: below zero when `a` comes first. Ids settle what time cannot. */
export function compareInQueue(a: Handoff, b: Handoff): number {
  return (
    PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
    (a.readyAt ?? a.createdAt) - (b.readyAt ?? b.createdAt) ||
    (a.id < b.id ? -1 : 1)
  );
}
