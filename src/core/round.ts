/** One verification round of a handoff: begun, come home, void, lost or cancelled (PROTOCOL sections 3 and 4). */
import { withTargets } from './benchmark.ts';
import { openBoxes } from './boxes.ts';
import { explainTrouble, settleVerdict } from './decision.ts';
import { ask } from './question.ts';
import type { RoundReport } from './report.ts';
import type { Handoff, Round } from './state.ts';
import { checksOfTerms, nameKey } from './terms.ts';
import { roundTriggers } from './trigger.ts';
import { judge } from './verdict.ts';
import { acted, alert, makeMove, putHandoff, type Work } from './work.ts';

/** The round that runs now, if one does. */
export function running(handoff: Handoff): Round | null {
  const last = handoff.rounds.at(-1);
  return last !== undefined && last.end === null ? last : null;
}

/**
 * Every full run is a new epoch, so that whatever an older one still reports is told apart. From
 * HANDOFF_READY this is P1's `verify`, inside VERIFICATION it is `again`.
 */
export function startRound(work: Work, handoff: Handoff, who: string, reason?: string): Handoff {
  const epoch = handoff.epoch + 1;
  if (running(handoff) !== null) work.effects.push({ type: 'verification.cancel', handoff: handoff.id });
  const round: Round = {
    epoch,
    startedAt: work.at,
    finishedAt: null,
    checks: [],
    changed: [],
    judged: null,
    evidence: null,
    verdict: null,
    end: null,
  };
  const move = handoff.phase === 'HANDOFF_READY' ? 'verify' : 'again';
  const rounds = [...abandoned(work, handoff), round];
  const next = makeMove(work, handoff, move, who, { epoch, rounds, pending: null, question: null }, reason);
  work.effects.push({
    type: 'verification.run',
    handoff: next.id,
    epoch,
    instance: next.from,
    base: next.base,
    checks: [...work.coordinator.config.verification.checks, ...checksOfTerms(next.terms)],
    ...(next.artifacts.length === 0 ? {} : { artifacts: next.artifacts }),
    fresh: who !== next.verifier,
  });
  acted(work);
  return next;
}

/** The rounds, with the one that still runs given up: whatever it reports belongs to the past. */
export function abandoned(work: Work, handoff: Handoff): Round[] {
  return handoff.rounds.map((round) => (round.end === null ? { ...round, end: 'lost', finishedAt: work.at } : round));
}

/** The suite came home. A report of an earlier epoch says nothing about the work now on the table. */
export function finishRound(work: Work, handoff: Handoff, reported: RoundReport): void {
  const report = { ...reported, checks: withTargets(reported.checks, work.coordinator.config.verification.benchmarks ?? []) };
  const round = running(handoff);
  if (round === null || round.epoch !== report.epoch || handoff.phase !== 'VERIFICATION' || handoff.closedAt !== null) {
    alert(work, {
      level: 'info',
      text: `${handoff.id}: a report of epoch ${report.epoch} came late and was only recorded`,
      handoff: handoff.id,
    });
    return;
  }
  const how = report.trouble !== null ? 'trouble' : report.cancelled ? 'cancelled' : report.voided ? 'void' : 'judged';
  const verdict = how === 'judged' ? judge(verdictInput(work, handoff, report)) : null;
  const finished: Round = {
    ...round,
    finishedAt: work.at,
    end: how,
    checks: report.checks.map(({ check, outcome, reason, durationMs, tests }) => ({ check, outcome, reason, durationMs, tests })),
    changed: report.changed.slice(0, 500),
    judged: report.judged,
    evidence: report.evidence,
    verdict,
  };
  const next = putHandoff(work, { ...handoff, rounds: [...handoff.rounds.slice(0, -1), finished] });
  if (verdict !== null && report.evidence !== null)
    work.effects.push({ type: 'evidence.verdict', handoff: next.id, epoch: report.epoch, evidence: report.evidence, verdict });
  if (verdict !== null) {
    learnProvided(work, report);
    roundTriggers(work, next, report);
  }
  if (verdict !== null) settleVerdict(work, next, verdict, report);
  else if (how === 'void') again(work, next);
  else
    ask(
      work,
      next,
      explainTrouble(next, how === 'cancelled' ? 'the run was cancelled' : (report.trouble ?? 'the run ended without a report')),
    );
}

/** The room came back without the run that it had begun: the work is judged anew, under a new epoch. */
export function resumeLost(work: Work, handoff: Handoff): void {
  startRound(work, handoff, handoff.verifier, 'the room was restarted during the run');
}

function again(work: Work, handoff: Handoff): void {
  const voidRounds = handoff.voidRounds + 1;
  const counted = putHandoff(work, { ...handoff, voidRounds });
  if (voidRounds <= work.coordinator.config.policy.maxVoidRounds) {
    startRound(work, counted, handoff.verifier, 'the tree changed while it was judged');
    return;
  }
  ask(work, counted, explainTrouble(counted, `the tree changed during ${voidRounds} runs in a row, so none of them says anything`));
}

/** What a check has found to be there answers what other assignments wait for. */
function learnProvided(work: Work, report: RoundReport): void {
  const news = report.checks.filter((check) => check.provides !== undefined && check.outcome !== 'did-not-run');
  if (news.length === 0) return;
  const provided = Object.fromEntries(news.map(({ check, provides }) => [check, (provides ?? []).map(nameKey)]));
  work.coordinator = { ...work.coordinator, provided: { ...work.coordinator.provided, ...provided } };
}

function verdictInput(work: Work, handoff: Handoff, report: RoundReport) {
  return {
    report,
    policy: work.coordinator.config.policy,
    denialsInARow: handoff.denials,
    baseline: work.coordinator.baseline,
    required: handoff.required,
    openBoxes: openBoxes(work, handoff, report.judged),
    questions: handoff.questions,
    benchmarks: (work.coordinator.config.verification.benchmarks ?? []).map(({ name }) => name),
  };
}
