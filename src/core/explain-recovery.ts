/** What was tried to reach an instance that does not answer, in words. */
import type { Ms } from './ids.ts';
import { plain } from './plain.ts';
import type { Handoff, RecoveryStep, State } from './state.ts';
import { duration } from './time.ts';

const STEPS: Readonly<Record<RecoveryStep, string>> = {
  nudge: 'nudged',
  urgent: 'nudged urgently',
  restart: 'started anew',
  mark: 'work marked for recovery',
  propose: 'another owner proposed',
};

/** For the end of a sentence; empty while nothing is tried. */
export function lostTouch({ recovery }: Handoff): string {
  if (!recovery) return '';
  const tried = recovery.steps.filter(({ refused }) => refused === undefined).map(({ step }) => STEPS[step]);
  return `; it does not answer (${tried.join(', ') || 'nothing tried yet'})`;
}

export function recoveryLines({ recovery }: Handoff, at: Ms): string[] {
  if (!recovery) return [];
  return [
    `found ${recovery.why} ${duration(at - recovery.since.at)} ago`,
    ...recovery.steps.map((one) =>
      one.refused === undefined
        ? `${duration(at - one.at)} ago: ${STEPS[one.step]}`
        : `${duration(at - one.at)} ago: not ${STEPS[one.step]}: ${one.refused}`,
    ),
    ...(recovery.document === undefined ? [] : [`post-mortem: ${recovery.document}`]),
  ];
}

/** Why nothing goes on with a denial: who was reminded, or cannot be reached. */
export function unreached({ coordinator }: State, { from, question }: Handoff): string {
  const vitals = coordinator.instances[from]?.vitals;
  if (question?.kind === 'unresponsive') return ', though it was reminded; you are asked what becomes of it';
  if (vitals?.away != null) return `, and cannot be reached: ${plain(vitals.away.why, 120)}`;
  return vitals?.told.includes('reminder') ? ', and was reminded' : '';
}
