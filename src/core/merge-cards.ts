/** What the operator is asked when approved work does not get into its branch: files, ways out, what comes of each. */
import { sentence } from './explain.ts';
import type { Branched } from './integration.ts';
import { plain } from './plain.ts';
import type { Policy } from './policy.ts';
import { OPTIONS } from './question.ts';
import type { RoundReport } from './report.ts';
import type { Handoff, Option, Question } from './state.ts';
import { type Baseline, judge, type Reason } from './verdict.ts';

const FILES_NAMED = 5;

export type Card = Pick<Question, 'context' | 'reasons' | 'options' | 'recommendation'>;

const MERGE: Option = { key: 'merge', label: 'merge again', consequence: 'merged onto the branch as it is then, and verified anew' };
const LEAVE: Option = {
  key: 'leave',
  label: 'leave it unmerged',
  consequence: 'it stays approved and goes on; its commit and the command are named',
};
const ACCEPT: Option = { key: 'accept', label: 'merge it as it is', consequence: 'the branch moves to the merge that was verified' };

function waysOut(handoff: Handoff): Option[] {
  const back = {
    ...OPTIONS.reassign,
    label: 'send it back',
    consequence: `back to ${handoff.from}: coordtui reassign ${handoff.id} ${handoff.from} --reason TEXT`,
  };
  return [MERGE, back, LEAVE, OPTIONS.withdraw];
}

export function troubleCard(handoff: Handoff, what: string): Card {
  return {
    context: `the approved work of ${handoff.from} ${what}`,
    reasons: [],
    options: waysOut(handoff),
    recommendation: { key: 'merge', why: 'once what stands in the way is gone' },
  };
}

export function conflictCard(handoff: Handoff, branch: string, files: readonly string[]): Card {
  const named = files.slice(0, FILES_NAMED).map((path) => plain(path, 120));
  const more = files.length > FILES_NAMED ? ` and ${files.length - FILES_NAMED} more` : '';
  return {
    ...troubleCard(handoff, `does not merge into ${branch}: ${named.join(', ')}${more}`),
    recommendation: { key: 'reassign', why: `${handoff.from} merges ${branch} into its own branch, resolves it and says ready again` },
  };
}

export function checkedOutCard(handoff: Handoff, branch: string, found: Extract<Branched, { kind: 'checked-out' }>): Card {
  const { where, ref, why } = found;
  const kept =
    why === undefined
      ? "is not moved below anybody's feet (integration.checkout: follow allows it)"
      : `is not moved along: ${plain(why, 300)}`;
  const what = `is merged and verified as ${ref}, but ${branch} is checked out in ${plain(where, 200)} and ${kept}; there: git merge --ff-only ${ref}`;
  return {
    ...troubleCard(handoff, what),
    recommendation: { key: 'merge', why: `you move ${branch} there yourself; then coordtui looks whether it has the work` },
  };
}

/** Why the branch is not moved; null: the verification of the merge has passed. */
export function standsAgainst(
  handoff: Handoff,
  branch: string,
  report: RoundReport,
  policy: Policy,
  baseline: Baseline | null,
): Card | null {
  if (report.trouble !== null || report.cancelled || report.voided)
    return troubleCard(
      handoff,
      `merges into ${branch}, but could not be verified there: ${report.trouble === null ? 'the run was cancelled' : plain(report.trouble, 300)}`,
    );
  const { reasons } = judge({
    report,
    policy,
    denialsInARow: 0,
    baseline,
    required: handoff.required,
    openBoxes: [],
    questions: [],
    benchmarks: [],
  });
  const known = new Set((handoff.rounds.at(-1)?.verdict?.reasons ?? []).map(sameness));
  // What did not pass stops it, also when it was approved in spite of it; of the rest, only what is new in the merge.
  const against = reasons.filter((reason) => reason.row < 10 || (reason.row !== 12 && !known.has(sameness(reason))));
  if (against.length === 0) return null;
  const failed = against.some(({ row }) => row < 10);
  return {
    context: `the approved work of ${handoff.from} merges into ${branch}, but its verification there ${failed ? 'did not pass' : 'found what was not there before'}: ${against.slice(0, 1).map(sentence).join('')}`,
    reasons: against,
    options: [...(failed ? [] : [ACCEPT]), ...waysOut(handoff)],
    recommendation: failed
      ? { key: 'reassign', why: `${handoff.from} merges ${branch} into its own branch, fixes it and says ready again` }
      : { key: 'accept', why: 'nothing failed; read the reasons above before you do' },
  };
}

function sameness({ rule, check, file }: Reason): string {
  return JSON.stringify([rule, check ?? null, file ?? null]);
}
