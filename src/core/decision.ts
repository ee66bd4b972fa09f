/** From a verdict to what comes of it: the trust dial, the approval, the denial (PROTOCOL sections 3 and 5). */
import { coordinatorOf } from './assignment.ts';
import { boxOptions } from './boxes.ts';
import { proposeDebugging } from './debug-round.ts';
import { sendMessage, writeCopy, writeDocument } from './deliver.ts';
import { explainVerdict, sentence } from './explain.ts';
import { integrationOf } from './integration.ts';
import { lookForWay } from './merge.ts';
import { outcomeLine } from './outcome-line.ts';
import { type Asked, ask, OPTIONS } from './question.ts';
import type { RoundReport } from './report.ts';
import type { Handoff, Option, Round } from './state.ts';
import { approvalTriggers } from './trigger.ts';
import type { Baseline, Verdict } from './verdict.ts';
import { baselineOf } from './verdict.ts';
import { acted, alert, makeMove, putHandoff, putInstance, type Work } from './work.ts';

/** What the dial makes of a verdict. An escalation is always a question; the rest is done, announced or proposed. */
export function settleVerdict(work: Work, handoff: Handoff, verdict: Verdict, report: RoundReport): void {
  const candidate = putHandoff(work, { ...handoff, voidRounds: 0 });
  if (verdict.kind === 'approve')
    work.coordinator = { ...work.coordinator, candidates: { ...work.coordinator.candidates, [handoff.id]: baselineOf(report) } };
  if (verdict.kind === 'escalate') {
    ask(work, candidate, escalation(candidate, verdict, boxOptions(work, candidate, report.judged)));
    return;
  }
  propose(work, candidate, verdict);
}

/** Also after an answer, when the same verdict stands and only the question is gone. */
export function propose(work: Work, handoff: Handoff, verdict: Verdict): void {
  if (verdict.kind === 'escalate') throw new Error(`handoff ${handoff.id}: an escalation cannot be proposed`);
  const { dial, paused } = work.coordinator.autopilot;
  if (paused || dial === 'watch' || dial === 'suggest') {
    ask(work, handoff, suggestion(handoff, verdict));
    return;
  }
  const dueAt = dial === 'act' ? work.at : work.at + work.coordinator.config.policy.countdownMs;
  putHandoff(work, { ...handoff, pending: { decision: verdict.kind, epoch: handoff.epoch, dueAt } });
  if (dueAt > work.at) {
    work.effects.push({ type: 'wake', at: dueAt });
    alert(work, {
      level: 'warning',
      text: `${handoff.id}: ${verdict.kind === 'approve' ? 'approval' : 'denial'} in ${Math.round((dueAt - work.at) / 1000)} s unless you stop it`,
      handoff: handoff.id,
    });
  }
}

/** VERIFICATION → APPROVED. What was approved becomes the ground that the instance stands on. */
export function approve(work: Work, handoff: Handoff, who: string, reason?: string): Handoff {
  const round = handoff.rounds.at(-1);
  const candidates = work.coordinator.candidates;
  const baseline: Baseline | null = candidates[handoff.id] ?? work.coordinator.baseline;
  const { [handoff.id]: _taken, ...others } = candidates;
  work.coordinator = { ...work.coordinator, baseline, candidates: others };
  if (round?.judged) putInstance(work, handoff.from, { base: round.judged });
  sendMessage(work, {
    to: handoff.from,
    type: 'status',
    subject: 'sign_off',
    text: `${handoff.id} is approved by ${who}.${reason === undefined ? '' : ` ${reason}`}`,
    priority: handoff.priority,
    handoff: handoff.id,
    path: round?.evidence?.path ?? null,
  });
  acted(work);
  const integration = integrationOf(work, handoff);
  const change = { denials: 0, pending: null, question: null, ...(integration === null ? {} : { integration }) };
  const approved = makeMove(work, handoff, 'approve', who, change, reason);
  lookForWay(work, approved);
  approvalTriggers(work, approved);
  return approved;
}

/** VERIFICATION → FAILED, with a document that says what failed, where, and how to see it again. */
export function deny(work: Work, handoff: Handoff, who: string, reason?: string): Handoff {
  const round = handoff.rounds.at(-1);
  const path = writeDocument(work, {
    from: coordinatorOf(work),
    to: handoff.from,
    template: 'failure-report',
    values: {
      SUBJECT: `${handoff.id} was denied`,
      PRIORITY: handoff.priority,
      TASK_ID: handoff.id,
      HANDOFF: handoff.id,
      EPOCH: String(handoff.epoch),
      TASK: handoff.task,
      REASONS: denialReasons(round, reason),
      CHECKS: checkLines(round),
      ROUND_EVIDENCE: round?.evidence?.path ?? null,
      HOW_TO_REPEAT: repeatLines(work, round),
    },
  });
  writeCopy(work, path, 'docs/verification-failures');
  sendMessage(work, {
    to: handoff.from,
    type: 'alert',
    subject: 'remediation',
    text: `${handoff.id} was denied. What failed, where, and how to see it again: ${path}`,
    priority: handoff.priority,
    handoff: handoff.id,
    path,
  });
  acted(work);
  const denied = makeMove(
    work,
    handoff,
    'deny',
    who,
    { denials: handoff.denials + 1, pending: null, question: null, readyAt: null, document: path },
    reason,
  );
  proposeDebugging(work, denied);
  return denied;
}

export function explainTrouble(handoff: Handoff, what: string): Asked {
  return {
    kind: 'trouble',
    context: `${what}; nothing can be said about "${handoff.task}"`,
    reasons: [],
    options: [OPTIONS.again, OPTIONS.approve, OPTIONS.deny],
    recommendation: { key: 'again', why: 'a run that says nothing is no reason to decide' },
  };
}

function escalation(handoff: Handoff, verdict: Verdict, boxes: readonly Option[]): Asked {
  const lines = verdict.reasons.map(sentence);
  // What speaks for it is no reason to ask.
  const others = verdict.reasons.filter((reason) => reason.row !== 12).length - 1;
  return {
    kind: 'verdict',
    context: `${lines[0] ?? 'the checks give no clear answer'}${others > 0 ? ` (and ${others} more)` : ''}; the work: "${shorten(handoff.task)}" by ${handoff.from}`,
    reasons: verdict.reasons,
    options: [OPTIONS.approve, OPTIONS.deny, OPTIONS.again, OPTIONS.answer, ...boxes],
    recommendation: recommend(verdict),
  };
}

/** A question begins with what is asked; the task only has to be recognised. */
function shorten(task: string): string {
  return task.length > 60 ? `${task.slice(0, 59)}…` : task;
}

/** By the rows that matched, the gravest first. A recommendation never decides anything. */
function recommend(verdict: Verdict): { key: string; why: string } {
  const rows = new Set(verdict.reasons.map((reason) => reason.row));
  if ([3, 4, 5, 6, 7].some((row) => rows.has(row))) return { key: 'deny', why: 'a check found what would have been denied by itself' };
  if (rows.has(10)) return { key: 'deny', why: 'the work changed what it is judged by; approve only if you wanted exactly that change' };
  if (rows.has(1)) return { key: 'again', why: 'nothing was verified: configure a check that covers this work, then run it' };
  if (rows.has(8)) return { key: 'again', why: 'what did not run may run now' };
  if (rows.has(13)) return { key: 'again', why: 'a round that gives no answer is no reason to decide' };
  return { key: 'approve', why: 'nothing failed that would deny it; read the reasons above before you do' };
}

export function suggestion(handoff: Handoff, verdict: Verdict): Asked {
  const lines = explainVerdict(verdict);
  return {
    kind: 'suggestion',
    context: `${lines[0] ?? verdict.kind}; the work: "${shorten(handoff.task)}" by ${handoff.from}`,
    reasons: verdict.reasons,
    options: [OPTIONS.approve, OPTIONS.deny, OPTIONS.again],
    recommendation: { key: verdict.kind, why: `the verdict is ${verdict.kind}; the autopilot only proposes now` },
  };
}

function denialReasons(round: Round | undefined, reason: string | undefined): string {
  const lines = round?.verdict ? round.verdict.reasons.map(sentence) : [];
  return [...(reason === undefined ? [] : [reason]), ...lines].map((line) => `- ${line}`).join('\n') || '- denied without a stated reason';
}

function checkLines(round: Round | undefined): string | null {
  if (round === undefined) return null;
  return round.checks.map((check) => `- ${outcomeLine(check)}`).join('\n') || null;
}

function repeatLines(work: Work, round: Round | undefined): string | null {
  const failed = new Set(
    round?.checks.filter((check) => check.outcome !== 'passed' && check.outcome !== 'skipped').map((check) => check.check),
  );
  const specs = work.coordinator.config.verification.checks.filter((check) => failed.has(check.id));
  return specs.map((check) => `- ${check.id}: \`${check.command}\` in \`${check.cwd}\``).join('\n') || null;
}
