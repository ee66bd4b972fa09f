/**
 * The end of a debugging session: a verification with every check, over everything (P1, comprehensive testing), and what
 * makes the coordinator propose a session (PROTOCOL section 7).
 */

import { coordinatorOf } from './assignment.ts';
import { fresh } from './debug-verbs.ts';
import { debugMove, openSessions, putDebug } from './debug-work.ts';
import type { DebugRound, DebugSession } from './debugging.ts';
import type { HandoffId, InstanceId } from './ids.ts';
import { plain } from './plain.ts';
import type { RoundReport } from './report.ts';
import type { Handoff } from './state.ts';
import type { Reason } from './verdict.ts';
import { acted, alert, handoffOf, type Work } from './work.ts';

/** A run is told apart by this name, where a handoff has its own. */
const runOf = ({ id }: DebugSession): HandoffId => id as unknown as HandoffId;

/** solving → verifying. No `when` spares a check: what was fixed may have broken what nobody touched. */
export function verifyDebug(work: Work, session: DebugSession, who: string): DebugSession {
  const epoch = session.rounds.length + 1;
  const round: DebugRound = { epoch, startedAt: work.at, finishedAt: null, checks: [], evidence: null, passed: null, why: null };
  const [first] = session.plan;
  const base = first === undefined ? null : (handoffOf(work, first.handoff)?.base ?? null);
  work.effects.push({
    type: 'verification.run',
    handoff: runOf(session),
    epoch,
    instance: coordinatorOf(work),
    base,
    checks: work.coordinator.config.verification.checks.map((check) => ({ ...check, when: [] })),
  });
  return debugMove(work, session, 'verify', who, { rounds: [...session.rounds, round] });
}

/** The run came home: closed when every check passed, else the search goes on. */
export function finishDebug(work: Work, session: DebugSession, report: RoundReport): void {
  const round = session.rounds.at(-1);
  if (session.state !== 'verifying' || round === undefined || round.epoch !== report.epoch) {
    alert(work, { level: 'info', text: `${session.id}: a report of run ${report.epoch} came late and was only recorded` });
    return;
  }
  const why = whyNotPassed(report);
  const finished: DebugRound = {
    ...round,
    finishedAt: work.at,
    checks: report.checks.map(({ check, outcome, reason }) => ({ check, outcome, reason: plain(reason, 200) })),
    evidence: report.evidence?.path ?? null,
    passed: why === null,
    why,
  };
  const rounds = [...session.rounds.slice(0, -1), finished];
  debugMove(work, session, why === null ? 'passed' : 'failed', coordinatorOf(work), { rounds }, why ?? 'every check passed');
  acted(work);
  alert(work, {
    level: why === null ? 'info' : 'urgent',
    text: why === null ? `${session.id} is solved: every check passed` : `${session.id} is not solved: ${why}`,
  });
}

function whyNotPassed(report: RoundReport): string | null {
  if (report.trouble !== null) return plain(report.trouble, 200);
  if (report.cancelled) return 'the run was cancelled';
  if (report.voided) return 'the tree changed while it was judged';
  if (report.checks.length === 0) return 'no check is configured';
  const bad = report.checks.filter(
    ({ outcome, violations }) => outcome !== 'passed' || violations.some(({ severity }) => severity !== 'LOW'),
  );
  return bad.length === 0 ? null : bad.map(({ check, outcome, reason }) => `${check} ${outcome} (${plain(reason, 80)})`).join(', ');
}

/** In each cycle: a plan whose assignments are all handed over is verified, as far as the dial lets the coordinator act. */
export function coordinateDebugging(work: Work): void {
  const { autopilot } = work.coordinator;
  const acts = !autopilot.paused && (autopilot.dial === 'act' || autopilot.dial === 'countdown');
  for (const session of openSessions(work)) {
    if (session.state !== 'solving') continue;
    const handoffs = session.plan.map(({ handoff }) => handoffOf(work, handoff));
    if (handoffs.some((handoff) => handoff?.closedAt == null) || !handoffs.some(isHandedOver)) continue;
    if (acts) {
      verifyDebug(work, session, coordinatorOf(work));
      acted(work);
    } else
      alert(work, {
        level: 'warning',
        text: `${session.id}: every step of its plan is done; to verify it: coordtui debug verify ${session.id}`,
      });
  }
}

function isHandedOver(handoff: Handoff | undefined): boolean {
  return handoff?.history.some(({ move }) => move === 'transfer') ?? false;
}

/** The room came back without the run: it is begun anew. */
export function resumeDebugging(work: Work): void {
  for (const session of openSessions(work)) {
    if (session.state !== 'verifying') continue;
    const lost = session.rounds.map((round) =>
      round.finishedAt === null ? { ...round, finishedAt: work.at, passed: false, why: 'the room was restarted' } : round,
    );
    verifyDebug(work, putDebug(work, { ...session, state: 'solving', rounds: lost }), coordinatorOf(work));
  }
}

/**
 * After a denial: proposed when its violations lie in the files of two instances, or when the same gap denied this handoff
 * before. Nothing is opened by itself, and a handoff that is being debugged is proposed once.
 */
export function proposeDebugging(work: Work, handoff: Handoff): void {
  if (openSessions(work).some(({ handoffs }) => handoffs.includes(handoff.id))) return;
  const denials = handoff.rounds.filter(({ verdict }) => verdict?.kind === 'deny');
  const reasons = denials.at(-1)?.verdict?.reasons ?? [];
  const owners = ownersOf(work, reasons);
  const again = denials.length > 1 ? sameGap(denials.at(-2)?.verdict?.reasons ?? [], reasons) : null;
  const why =
    owners.length > 1
      ? `the violations of ${handoff.id} lie in files of ${owners.join(' and ')}`
      : again === null
        ? null
        : `the same gap denied ${handoff.id} twice: ${again}`;
  if (why === null) return;
  const session = putDebug(work, fresh(work, why, coordinatorOf(work), 'proposed', [handoff.id]));
  alert(work, { level: 'urgent', text: `${why}; to look at it together: coordtui debug open ${session.id}`, handoff: handoff.id });
}

function ownersOf(work: Work, reasons: readonly Reason[]): InstanceId[] {
  const files = reasons.flatMap(({ file }) => (file === undefined ? [] : [file]));
  return work.coordinator.config.instances
    .filter(({ files: globs }) => globs.length > 0 && files.some((file) => globs.some((glob) => matchesGlob(glob, file))))
    .map(({ id }) => id);
}

function sameGap(before: readonly Reason[], now: readonly Reason[]): string | null {
  const key = ({ check, file, detail }: Reason) => `${check} ${file} ${detail}`;
  const known = new Set(before.filter(({ rule }) => rule === 'gap').map(key));
  const found = now.find((reason) => reason.rule === 'gap' && known.has(key(reason)));
  return found === undefined ? null : plain(found.detail ?? found.file ?? 'an integration gap', 160);
}

/** The part of glob syntax that territories use: `*` inside a name, `**` across folders, `?` for one character. */
export function matchesGlob(glob: string, path: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/gu, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/gu, (token) => (token === '**/' ? '(?:.*/)?' : token === '**' ? '.*' : token === '*' ? '[^/]*' : '[^/]'));
  return new RegExp(`^${pattern}$`, 'u').test(path);
}
