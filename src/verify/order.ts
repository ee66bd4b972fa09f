/** The order of checks: phases, needs, and what is wrong with them (PROTOCOL section 4). */
import type { CheckId } from '../core/ids.ts';
import type { CheckSpec } from '../core/report.ts';

/** Checks that can never be started, with the reason. */
export function impossible(checks: readonly CheckSpec[]): Map<CheckId, string> {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const reasons = new Map<CheckId, string>();
  for (const check of checks) {
    const unknown = check.needs.find((need) => !byId.has(need));
    const later = check.needs.find((need) => check.phase === 'pre' && byId.get(need)?.phase === 'integration');
    const circle = circleFrom(check, byId);
    if (unknown !== undefined) reasons.set(check.id, `needs ${unknown}, which is no check of this round`);
    else if (later !== undefined) reasons.set(check.id, `needs ${later}, which runs in a later phase`);
    else if (circle !== null) reasons.set(check.id, `needs itself: ${circle.join(' → ')}`);
  }
  return reasons;
}

/** The way from a check through its needs back to itself, or null. */
function circleFrom(start: CheckSpec, byId: ReadonlyMap<CheckId, CheckSpec>): CheckId[] | null {
  const seen = new Set<CheckId>();
  function walk(check: CheckSpec, way: readonly CheckId[]): CheckId[] | null {
    for (const need of check.needs) {
      if (need === start.id) return [...way, need];
      const next = byId.get(need);
      if (next === undefined || seen.has(need)) continue;
      seen.add(need);
      const found = walk(next, [...way, need]);
      if (found !== null) return found;
    }
    return null;
  }
  return walk(start, [start.id]);
}
