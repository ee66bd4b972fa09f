/**
 * What the data of a review proposes to change, each with its cases (PROTOCOL section 10). Nothing is changed by it:
 * a proposal is a sentence that the operator may follow.
 */
import type { Config } from './config.ts';
import type { HandoffId, Ms } from './ids.ts';
import { median } from './kpi.ts';
import type { ReviewData } from './review-data.ts';
import { duration } from './time.ts';

export type Proposal = { readonly text: string; readonly cases: readonly HandoffId[] };

/** A rule looks at the data and proposes, or has nothing to say. */
type Rule = (data: ReviewData, config: Config) => Proposal[];

/** From so many cases on a pattern is worth a proposal; fewer are an accident. */
const ENOUGH = 3;
/** A check that needs this share of its time limit is close to being cut off. */
const NEAR_LIMIT = 0.8;
/** A limit this many times longer than the longest run says nothing when a check hangs. */
const FAR_LIMIT = 20;
const LEAST_TIMEOUT_MS = 60_000;
/** A question that waited so long held work up. */
const SLOW_ANSWER_MS: Ms = 1_800_000;

const RULES: readonly Rule[] = [
  ({ checks }, { verification }) =>
    checks.flatMap(({ check, longestMs }) => {
      const limit = verification.checks.find(({ id }) => id === check)?.timeoutMs;
      if (limit === undefined || longestMs < limit * NEAR_LIMIT) return [];
      return [{ text: `raise \`timeoutMs\` of ${check} (now ${limit}): its longest run took ${duration(longestMs)}`, cases: [] }];
    }),
  ({ checks }, { verification }) =>
    checks.flatMap(({ check, longestMs, runs }) => {
      const limit = verification.checks.find(({ id }) => id === check)?.timeoutMs;
      if (limit === undefined || runs < ENOUGH || limit <= LEAST_TIMEOUT_MS || limit < longestMs * FAR_LIMIT) return [];
      const proposed = Math.max(LEAST_TIMEOUT_MS, Math.ceil((longestMs * 5) / 1000) * 1000);
      return [
        {
          text: `lower \`timeoutMs\` of ${check} to about ${proposed} (now ${limit}): a hang would be seen sooner, no run took longer than ${duration(longestMs)}`,
          cases: [],
        },
      ];
    }),
  ({ checks }) =>
    checks
      .filter(({ flaky }) => flaky.length > 0)
      .map(({ check, flaky }) => ({ text: `make ${check} dependable: the same tree got different outcomes`, cases: flaky })),
  ({ denials }) =>
    denials
      .filter(({ handoffs }) => handoffs.length >= ENOUGH)
      .map(({ rule, check, handoffs }) => ({
        text: `tell the instances about ${rule}${check === null ? '' : ` of ${check}`} before they call work ready: it denied ${handoffs.length} handoffs`,
        cases: handoffs,
      })),
  ({ escalations }) =>
    escalations
      .filter(({ rule, handoffs }) => rule === 'not-covered' && handoffs.length >= ENOUGH)
      .map(({ handoffs }) => ({
        text: 'add a check for the files that none covers, or name them in `verification.ignore`',
        cases: handoffs,
      })),
  ({ escalations }) =>
    escalations
      .filter(({ rule, handoffs }) => rule === 'performance-unclear' && handoffs.length >= ENOUGH)
      .map(({ handoffs }) => ({
        text: 'measure more steadily, or raise `unclearPercent`: the figures were unclear again and again',
        cases: handoffs,
      })),
  ({ instances }, { policy }) =>
    instances.flatMap(({ instance, ackMs }) => {
      if (ackMs.length < ENOUGH || median(ackMs) < policy.ackReminderMs) return [];
      return [
        {
          text: `scale the clock of acknowledgments (\`ack.timeoutMs\`, now ${duration(policy.ackReminderMs)}): ${instance} takes ${duration(median(ackMs))}`,
          cases: [],
        },
      ];
    }),
  ({ waitsForYou }) => {
    const slow = waitsForYou.filter(({ ms }) => ms >= SLOW_ANSWER_MS);
    if (slow.length < ENOUGH) return [];
    return [
      {
        text: 'let yourself be told sooner (`notify`), or map what asks you to a check: questions waited long for you',
        cases: slow.map(({ handoff }) => handoff),
      },
    ];
  },
];

export function proposalsOf(data: ReviewData, config: Config): Proposal[] {
  return RULES.flatMap((rule) => rule(data, config)).map(({ text, cases }) => ({ text, cases: [...new Set(cases)] }));
}
