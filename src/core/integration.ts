/**
 * The way of approved work into the branch that gathers it (PROTOCOL section 5): merged, verified there, and only then is the
 * branch moved; one handoff after the other. Approved stays approved, whatever comes of it.
 */
import type { Ms } from './ids.ts';
import { type Card, checkedOutCard, conflictCard, standsAgainst, troubleCard } from './merge-cards.ts';
import { isMerging } from './merge-clause.ts';
import { plain } from './plain.ts';
import { ask } from './question.ts';
import type { RoundReport } from './report.ts';
import type { Handoff } from './state.ts';
import { checksOfTerms } from './terms.ts';
import { acted, alert, handoffOf, openHandoffs, putHandoff, type Work } from './work.ts';

export type Integration = {
  readonly branch: string;
  /** `stopped`: the operator is asked. `left`: he has said that it goes on unmerged. */
  readonly state: 'waiting' | 'merging' | 'moving' | 'merged' | 'stopped' | 'left';
  readonly since: Ms;
  /** How often the branch moved while this was being merged onto it. */
  readonly attempts: number;
  /** The merge, once there is one, and the commit of the branch that it was made over. */
  readonly commit: string | null;
  readonly onto: string | null;
  readonly evidence: string | null;
};

/** What a commit says. The same words make the same commit. */
export type MergeWords = { readonly at: Ms; readonly author: string; readonly subject: string; readonly body: string };

export type Merging =
  /** The branch has the work already. */
  | { readonly kind: 'there'; readonly commit: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  | { readonly kind: 'trouble'; readonly why: string }
  | { readonly kind: 'judged'; readonly commit: string; readonly onto: string; readonly report: RoundReport };

export type Branched =
  | { readonly kind: 'moved' }
  /** The branch stands elsewhere than when the merge was made. */
  | { readonly kind: 'stale' }
  /** Somebody has it checked out: `ref` names the merge for him. `why` its checkout, which might have been moved along, was not. */
  | { readonly kind: 'checked-out'; readonly where: string; readonly ref: string; readonly why?: string }
  | { readonly kind: 'trouble'; readonly why: string };

/** A branch that never stands still is somebody's doing: the operator is told. */
const MOST_ATTEMPTS = 5;

/** Of a handoff that is being approved; null: nothing is configured, or the instance works in the workspace's own checkout. */
export function integrationOf(work: Work, handoff: Handoff): Integration | null {
  const { integration, instances } = work.coordinator.config;
  const apart = instances.some(({ id, worktree }) => id === handoff.from && worktree !== undefined);
  if (integration === undefined || !apart || !handoff.rounds.at(-1)?.judged) return null;
  return { branch: integration.branch, state: 'waiting', since: work.at, attempts: 0, commit: null, onto: null, evidence: null };
}

function isUnderWay(handoff: Handoff): boolean {
  return isMerging(handoff) || (handoff.closedAt === null && handoff.phase === 'APPROVED' && handoff.integration?.state === 'moving');
}

/** Never two at once: each is merged onto what the one before has left. `free`: runs of the suite that may begin now. */
export function integrate(work: Work, free: number): void {
  const approved = openHandoffs(work).filter(({ phase }) => phase === 'APPROVED');
  if (free <= 0 || approved.some(isUnderWay)) return;
  const next = approved
    .filter(({ integration, held, question }) => integration?.state === 'waiting' && !held && question === null)
    .sort((a, b) => a.phaseSince - b.phaseSince || (a.id < b.id ? -1 : 1))[0];
  const judged = next?.rounds.at(-1)?.judged;
  if (!next?.integration || !judged) return;
  const merging = put(work, next, { state: 'merging', since: work.at });
  work.effects.push({
    type: 'integration.run',
    handoff: next.id,
    epoch: next.epoch,
    instance: next.from,
    branch: next.integration.branch,
    judged,
    words: wordsOf(merging),
    checks: [...work.coordinator.config.verification.checks, ...checksOfTerms(next.terms)],
  });
  acted(work);
}

/** From what is settled and from nothing else, so that a merge which is made again is the same. */
function wordsOf(handoff: Handoff): MergeWords {
  const approval = handoff.history.findLast(({ move }) => move === 'approve');
  const evidence = handoff.rounds.at(-1)?.evidence;
  return {
    at: approval?.at ?? handoff.phaseSince,
    author: handoff.from,
    subject: `${handoff.id}: ${plain(handoff.task, 60)}`,
    body: [
      `Verified and approved by ${plain(approval?.by ?? handoff.verifier, 80)}, round ${handoff.rounds.at(-1)?.epoch ?? handoff.epoch}.`,
      ...(evidence ? [`Evidence: ${evidence.sha256}`] : []),
    ].join('\n'),
  };
}

/** The merge came home. Of an epoch that is past it says nothing. */
export function mergeFinished(work: Work, id: Handoff['id'], epoch: number, found: Merging): void {
  const handoff = expected(work, id, epoch, 'merging');
  if (handoff === null) return;
  const { branch } = handoff.integration;
  switch (found.kind) {
    case 'there':
      arrived(work, handoff, found.commit, `is in ${branch} already`);
      return;
    case 'conflict':
      stop(work, handoff, conflictCard(handoff, branch, found.files));
      return;
    case 'trouble':
      stop(work, handoff, troubleCard(handoff, `could not be merged into ${branch}: ${plain(found.why, 300)}`));
      return;
    case 'judged': {
      const { commit, onto, report } = found;
      const known = put(work, handoff, { commit, onto, evidence: report.evidence?.path ?? null });
      const against = standsAgainst(known, branch, report, work.coordinator.config.policy, work.coordinator.baseline);
      if (against === null) move(work, known);
      else stop(work, known, against);
    }
  }
}

/** The branch is moved only from the very commit that the verified merge was made over. */
function move(work: Work, handoff: Merged): void {
  const { branch, commit, onto } = handoff.integration;
  if (commit === null || onto === null) throw new Error(`handoff ${handoff.id}: no merge that a branch could be moved to`);
  put(work, handoff, { state: 'moving', since: work.at });
  const at = wordsOf(handoff).at;
  work.effects.push({
    type: 'integration.move',
    handoff: handoff.id,
    epoch: handoff.epoch,
    instance: handoff.from,
    branch,
    commit,
    onto,
    at,
  });
}

export function branchMoved(work: Work, id: Handoff['id'], epoch: number, found: Branched): void {
  const handoff = expected(work, id, epoch, 'moving');
  if (handoff === null) return;
  const { branch, commit, attempts } = handoff.integration;
  switch (found.kind) {
    case 'moved':
      arrived(work, handoff, commit ?? '', `is merged into ${branch} and verified there`);
      return;
    case 'stale':
      if (attempts + 1 < MOST_ATTEMPTS) put(work, handoff, { state: 'waiting', since: work.at, attempts: attempts + 1 });
      else
        stop(
          work,
          handoff,
          troubleCard(handoff, `was verified on ${branch} ${attempts + 1} times, and each time ${branch} had moved meanwhile`),
        );
      return;
    case 'checked-out':
      stop(work, handoff, checkedOutCard(handoff, branch, found));
      return;
    case 'trouble':
      stop(work, handoff, troubleCard(handoff, `could not be merged into ${branch}: ${plain(found.why, 300)}`));
  }
}

type Merged = Handoff & { readonly integration: Integration };

function expected(work: Work, id: Handoff['id'], epoch: number, state: Integration['state']): Merged | null {
  const handoff = handoffOf(work, id);
  if (handoff?.integration?.state === state && handoff.epoch === epoch && handoff.closedAt === null && handoff.phase === 'APPROVED')
    return handoff as Merged;
  alert(work, { level: 'info', text: `${id}: a merge of epoch ${epoch} came late and was only recorded`, handoff: id });
  return null;
}

function put(work: Work, handoff: Handoff, change: Partial<Integration>): Merged {
  if (!handoff.integration) throw new Error(`handoff ${handoff.id} goes into no branch`);
  return putHandoff(work, { ...handoff, integration: { ...handoff.integration, ...change } }) as Merged;
}

function arrived(work: Work, handoff: Merged, commit: string, how: string): void {
  put(work, handoff, { state: 'merged', since: work.at, commit });
  acted(work);
  alert(work, { level: 'info', text: `${handoff.id} ${how}: ${commit}`, handoff: handoff.id });
}

function stop(work: Work, handoff: Merged, card: Card): void {
  const stopped = put(work, handoff, { state: 'stopped', since: work.at });
  ask(work, stopped, { kind: 'integration', ...card });
  const asked = handoffOf(work, handoff.id);
  const { evidence } = stopped.integration;
  // The verification of the merge is what this is about, not the one before it.
  if (asked?.question && evidence !== null) putHandoff(work, { ...asked, question: { ...asked.question, evidence } });
}

/** The operator's word on a merge; false: it is no answer to that. */
export function settleMerge(work: Work, handoff: Handoff, said: string): boolean {
  if (handoff.question?.kind !== 'integration' || !handoff.question.options.some(({ key }) => key === said)) return false;
  const open = { ...handoff, question: null };
  if (said === 'merge') put(work, open, { state: 'waiting', since: work.at, attempts: 0 });
  else if (said === 'leave') put(work, open, { state: 'left', since: work.at });
  else if (said === 'accept') move(work, put(work, open, {}));
  else return false;
  return true;
}

/** The room came back without what it had begun: merged anew, to the same end; what had arrived is found there. */
export function resumeMerge(work: Work, handoff: Handoff): void {
  if (isUnderWay(handoff)) put(work, handoff, { state: 'waiting', since: work.at });
}

/** The approval is taken back, or the handoff closed: what is in the branch by now stays there. */
export function dropMerge(work: Work, handoff: Handoff): Handoff {
  if (!handoff.integration) return handoff;
  if (handoff.integration.state === 'merging') work.effects.push({ type: 'verification.cancel', handoff: handoff.id });
  return putHandoff(work, { ...handoff, integration: null });
}
