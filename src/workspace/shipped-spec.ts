/** A shipped check as one of a suite, where no config names it: `coordtui verify database-schema`. */
import type { CheckId } from '../core/ids.ts';
import type { CheckSpec } from '../core/report.ts';
import { SHIPPED_CHECKS, type ShippedCheck } from './check-copies.ts';

const LAYERS: Readonly<Record<ShippedCheck, string>> = {
  'verify-database-schema': 'database',
  'verify-ipc-contracts': 'ipc',
  'verify-cache-pipeline': 'cache',
  'verify-filesystem': 'filesystem',
};

/** Their names without the verb, as they are typed. */
export const SHIPPED_NAMES: readonly string[] = SHIPPED_CHECKS.map((check) => check.replace('verify-', ''));

/** @param name `database-schema` or `verify-database-schema`; null: no such check ships */
export function shippedSpec(name: string): CheckSpec | null {
  const check = SHIPPED_CHECKS.find((known) => known === name || known === `verify-${name}`);
  if (check === undefined) return null;
  return {
    id: check.replace('verify-', '') as CheckId,
    phase: 'pre',
    layer: LAYERS[check],
    // Both are told to every check, and neither is on everybody's PATH.
    command: `"$COORDTUI_NODE" "$COORDTUI_BIN" ${check}`,
    cwd: '.',
    timeoutMs: 600_000,
    critical: true,
    when: [],
    needs: [],
    notRunExitCodes: [2],
    report: null,
  };
}
