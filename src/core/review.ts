/**
 * The weekly and the monthly review (P1, continuous improvement; PROTOCOL section 10) as documents: what the data says,
 * and proposals with the cases behind them. Nothing is changed by a review.
 */

import { firstMadeAt } from './archive.ts';
import { counted } from './counted.ts';
import { sentence } from './explain.ts';
import type { Ms } from './ids.ts';
import { DAY_MS, median } from './kpi.ts';
import { kpiLines } from './kpi-lines.ts';
import { plain } from './plain.ts';
import { proposalsOf } from './proposal.ts';
import { done, failure, type Reply } from './reply.ts';
import { type CheckStory, type Pattern, REVIEWS, type ReviewData, type ReviewKind, reviewData } from './review-data.ts';
import { duration, isoTime } from './time.ts';
import type { Work } from './work.ts';

const DAYS: Readonly<Record<ReviewKind, number>> = { weekly: 7, monthly: 30 };
const FOLDER = 'docs/reviews';
const NONE = 'Nothing in this time.';
/** So many of a list are told; the rest is a number. */
const TOLD = 10;

/** Asks for the document, and answers its path. The two kinds never share a name, and neither do two of one minute. */
export function review(work: Work, kind: ReviewKind): Reply {
  const data = reviewData(work, work.at - DAYS[kind] * DAY_MS, work.at);
  if (data.handoffs === 0)
    return failure('no', `review: no handoff was under way in the last ${DAYS[kind]} days`, 'there is nothing to review yet');
  const stamp = isoTime(work.at).slice(0, 19).replaceAll(':', '').replaceAll('-', '').replace('T', '-');
  const path = `${FOLDER}/${kind}-review-${stamp}.md`;
  work.effects.push({ type: 'document.write', path, template: `${kind}-review`, values: valuesOf(kind, data, work) });
  work.coordinator = { ...work.coordinator, reviews: { ...work.coordinator.reviews, [kind]: work.at } };
  return done(`the ${kind} review is ${path}`, { path, kind });
}

/** Reviews come about by themselves when their time has passed and there is something to look at (P1: weekly, monthly). */
export function reviewsDue(work: Work): void {
  for (const kind of REVIEWS) {
    const last = work.coordinator.reviews?.[kind] ?? firstMadeAt(work) ?? work.at;
    if (work.at - last >= DAYS[kind] * DAY_MS) review(work, kind);
  }
}

function valuesOf(kind: ReviewKind, data: ReviewData, work: Work): Readonly<Record<string, string | null>> {
  const proposals = proposalsOf(data, work.coordinator.config);
  const common = {
    CREATED: isoTime(work.at),
    PERIOD: `${day(data.from)} to ${day(data.to)}`,
    HANDOFFS: String(data.handoffs),
    INDICATORS: kpiLines({ document: work.document, coordinator: work.coordinator }, work.at).join('\n'),
    CHECKS: listed(data.checks.map(checkLine)),
    PROPOSALS: listed(proposals.map(({ text, cases }) => `${text}${casesOf(cases)}`)),
  };
  if (kind === 'weekly')
    return {
      ...common,
      TIMING: timing(data),
      BOTTLENECKS: bottlenecks(data),
      DENIALS: patternsOf(data.denials),
      ESCALATIONS: patternsOf(data.escalations),
    };
  return {
    ...common,
    CRITERIA: criteria(data),
    EDGE_CASES: edgeCases(data),
    SPECIALISATION: specialisation(data),
    COMMUNICATION: communication(data),
  };
}

function day(at: Ms): string {
  return isoTime(at).slice(0, 10);
}

function listed(lines: readonly string[]): string {
  if (lines.length === 0) return NONE;
  const more = lines.length > TOLD ? [`- and ${lines.length - TOLD} more`] : [];
  return [...lines.slice(0, TOLD).map((line) => `- ${line}`), ...more].join('\n');
}

function casesOf(handoffs: readonly string[]): string {
  if (handoffs.length === 0) return '';
  const more = handoffs.length > TOLD ? `, and ${handoffs.length - TOLD} more` : '';
  return ` (${handoffs.slice(0, TOLD).join(', ')}${more})`;
}

function timing({ phases }: ReviewData): string {
  return listed(
    phases.map(
      ({ phase, medianMs, totalMs, longest }) =>
        `${phase}: ${duration(medianMs)} in the median, ${duration(totalMs)} together, at most ${duration(longest.ms)} (${longest.handoff})`,
    ),
  );
}

/** Where time was spent waiting: for the queue, for a denial to be taken up, for the target, for the operator. */
function bottlenecks({ phases, waitsForYou }: ReviewData): string {
  const words: Readonly<Record<string, string>> = {
    HANDOFF_READY: 'work lay ready before it was verified',
    FAILED: 'denials were not taken up',
    REMEDIATION: 'denied work was being fixed',
    APPROVED: 'approved work waited for its target',
  };
  const waiting = phases.flatMap(({ phase, totalMs, longest }) => {
    const said = words[phase];
    return said === undefined ? [] : [`${said}: ${duration(totalMs)} together, at most ${duration(longest.ms)} (${longest.handoff})`];
  });
  const [slowest] = waitsForYou;
  const yours =
    slowest === undefined
      ? []
      : [
          `questions waited for you: ${duration(median(waitsForYou.map(({ ms }) => ms)))} in the median of ${waitsForYou.length}, at most ${duration(slowest.ms)} (${slowest.handoff})`,
        ];
  return listed([...waiting, ...yours]);
}

function checkLine({ check, runs, medianMs, longestMs, failed, didNotRun, flaky }: CheckStory): string {
  const trouble = [
    ...(failed === 0 ? [] : [`failed ${counted(failed, 'time')}`]),
    ...(didNotRun === 0 ? [] : [`did not run ${counted(didNotRun, 'time')}`]),
    ...(flaky.length === 0 ? [] : [`FLAKY: the same tree got different outcomes${casesOf(flaky)}`]),
  ];
  return `${check}: ${duration(medianMs)} in the median of ${counted(runs, 'run')}, at most ${duration(longestMs)}${trouble.length === 0 ? '' : `; ${trouble.join(', ')}`}`;
}

function patternsOf(patterns: readonly Pattern[]): string {
  return listed(
    patterns.map(
      ({ rule, check, handoffs }) => `${plain(sentence({ row: 0, rule, ...(check === null ? {} : { check }) }), 200)}${casesOf(handoffs)}`,
    ),
  );
}

/** What each row of the verdict's table decides, so that one that never fires can be seen. */
const ROWS: readonly (readonly [row: number, words: string])[] = [
  [1, 'asks, since no check ran'],
  [2, 'asks instead of a third denial'],
  [3, 'denies a critical failure'],
  [4, 'denies an integration gap'],
  [5, 'denies a performance regression'],
  [6, 'denies low coverage'],
  [7, 'denies a HIGH violation'],
  [8, 'asks when a check did not run'],
  [9, 'asks when it fails on the base as well'],
  [10, 'asks when the judge was touched'],
  [11, 'asks when it is mixed or unclear'],
  [12, 'approves'],
];

function criteria({ rows }: ReviewData): string {
  const fired = ROWS.flatMap(([row, words]) => {
    const handoffs = rows[row] ?? [];
    return handoffs.length === 0
      ? []
      : [`- row ${row} ${words}: decided ${counted(handoffs.length, 'round')}${casesOf([...new Set(handoffs)])}`];
  });
  const never = ROWS.filter(([row]) => (rows[row] ?? []).length === 0).map(([row]) => row);
  return [...(fired.length === 0 ? [NONE] : fired), ...(never.length === 0 ? [] : [`- never decided: row ${never.join(', ')}`])].join('\n');
}

/** Checks that found something exactly once in this time: what they met is new to them. */
function edgeCases({ checks, denials }: ReviewData): string {
  const rare = denials.filter(({ handoffs, check }) => handoffs.length === 1 && check !== null);
  const silent = checks.filter(({ failed, didNotRun, runs }) => failed + didNotRun === 0 && runs > 0).map(({ check }) => check);
  return listed([
    ...rare.map(
      ({ rule, check, handoffs }) =>
        `${plain(sentence({ row: 0, rule, ...(check === null ? {} : { check }) }), 200)} was met once${casesOf(handoffs)}`,
    ),
    ...(silent.length === 0 ? [] : [`these checks found nothing at all: ${silent.join(', ')}`]),
  ]);
}

function specialisation({ instances }: ReviewData): string {
  return listed(
    instances
      .filter(({ handoffs }) => handoffs > 0)
      .map(({ instance, handoffs, denials, types }) => {
        const kinds = Object.entries(types).map(([type, count]) => `${plain(type, 40)} ${count}`);
        return `${instance}: ${counted(handoffs, 'handoff')} (${kinds.join(', ')}), ${counted(denials, 'denial')}`;
      }),
  );
}

function communication({ instances }: ReviewData): string {
  return listed(
    instances.map(({ instance, ackMs, reminders, questions }) => {
      const acks =
        ackMs.length === 0
          ? 'no acknowledgment measured'
          : `acknowledged after ${duration(median(ackMs))} in the median of ${ackMs.length}`;
      return `${instance}: ${acks}, ${counted(reminders, 'reminder')}, ${counted(questions, 'question')}`;
    }),
  );
}
