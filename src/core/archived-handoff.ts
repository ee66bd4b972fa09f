/**
 * What is kept of a handoff that was closed long ago, as it lies in the state: rows without names, since a workspace that
 * has been worked in for years has tens of thousands. And what those who look back read it as.
 */
import { type Closed, MOVES, type Move, type Phase, type Priority } from './handoff.ts';
import type { CheckId, HandoffId, InstanceId, Ms } from './ids.ts';
import { plain } from './plain.ts';
import type { CheckReport } from './report.ts';
import type { Acknowledgment, Answer, Handoff, HistoryEntry, Round } from './state.ts';
import type { Reason, Verdict } from './verdict.ts';

/** Its `from`, `to` or `verifier`, by their place in this order; else by name. */
type Who = 0 | 1 | 2 | string;
/** A row of the history; where a move leads is in the table of moves. */
type ArchivedMove = readonly [at: Ms, move: Move, epoch: number, by: Who, reason?: string];
type ArchivedCheck = readonly [check: CheckId, outcome: CheckReport['outcome'], durationMs: Ms];
type ArchivedVerdict = readonly [kind: Verdict['kind'], row: number, reasons: readonly Reason[]];
type ArchivedRound = readonly [
  epoch: number,
  startedAt: Ms,
  finishedAt: Ms | null,
  tree: string | null,
  verdict: ArchivedVerdict | null,
  checks: readonly ArchivedCheck[],
];

export type ArchivedHandoff = {
  readonly from: InstanceId;
  readonly to: InstanceId;
  readonly verifier: InstanceId;
  /** Its first characters. */
  readonly task: string;
  readonly type: string | null;
  readonly priority: Priority;
  readonly phase: Phase;
  readonly epoch: number;
  readonly denials: number;
  readonly createdAt: Ms;
  readonly closedAt: Ms;
  readonly history: readonly ArchivedMove[];
  readonly rounds: readonly ArchivedRound[];
  readonly answers?: readonly (readonly [at: Ms, epoch: number])[];
  /** How many questions were attached. */
  readonly questions?: number;
  readonly delegation?: readonly [sentAt: Ms, reminders: number, ack: Acknowledgment | null];
  /** Epochs whose evidence was let go since, and when. */
  readonly removed?: readonly (readonly [epoch: number, at: Ms])[];
};

/**
 * By the first two digits of their ids, then by their ids: a step that adds one copies and compares a page, and not
 * tens of thousands of rows.
 */
export type Archive = Readonly<Record<string, Readonly<Record<HandoffId, ArchivedHandoff>>>>;

function pageOf(id: HandoffId): string {
  return id.slice(2, 4);
}

export function rowOf(archive: Archive | undefined, id: HandoffId): ArchivedHandoff | undefined {
  const page = archive?.[pageOf(id)];
  return page !== undefined && Object.hasOwn(page, id) ? page[id] : undefined;
}

export function rowsOf(archive: Archive = {}): [HandoffId, ArchivedHandoff][] {
  return Object.values(archive).flatMap((page) => Object.entries(page) as [HandoffId, ArchivedHandoff][]);
}

/** undefined: it has none from now on. */
export function withRow(archive: Archive = {}, id: HandoffId, row: ArchivedHandoff | undefined): Archive {
  const { [id]: _former, ...others } = archive[pageOf(id)] ?? {};
  return { ...archive, [pageOf(id)]: row === undefined ? others : { ...others, [id]: row } };
}

export type RoundFacts = Pick<Round, 'epoch' | 'startedAt' | 'finishedAt' | 'verdict'> & {
  readonly judged: { readonly tree: string } | null;
  readonly checks: readonly Pick<CheckReport, 'check' | 'outcome' | 'durationMs'>[];
};

/** What is known of every handoff, of one in the archive too. */
export type HandoffFacts = Pick<
  Handoff,
  | 'id'
  | 'from'
  | 'to'
  | 'verifier'
  | 'task'
  | 'type'
  | 'priority'
  | 'phase'
  | 'phaseSince'
  | 'epoch'
  | 'denials'
  | 'createdAt'
  | 'closedAt'
  | 'history'
> & {
  readonly rounds: readonly RoundFacts[];
  readonly answers: readonly Pick<Answer, 'at' | 'epoch'>[];
  readonly questions: { readonly length: number };
  readonly delegation: Pick<NonNullable<Handoff['delegation']>, 'sentAt' | 'reminders' | 'ack'> | null;
};

/** As much as any list or document shows of a task. */
const TASK = 200;

export function archived(handoff: Handoff): ArchivedHandoff {
  const { from, to, verifier, type, priority, phase, epoch, denials, createdAt, closedAt, answers, questions, delegation } = handoff;
  const who = (name: string): Who => {
    const place = [from as string, to, verifier].indexOf(name);
    return place < 0 ? name : (place as Who);
  };
  const removed = handoff.rounds.flatMap(({ epoch: of, evidence }) =>
    evidence?.removedAt === undefined ? [] : [[of, evidence.removedAt] as const],
  );
  return {
    from,
    to,
    verifier,
    task: plain(handoff.task, TASK),
    type,
    priority,
    phase,
    epoch,
    denials,
    createdAt,
    closedAt: closedAt ?? handoff.phaseSince,
    history: handoff.history.map(({ at, move, epoch: of, by, reason }) =>
      reason === undefined ? [at, move, of, who(by)] : [at, move, of, who(by), reason],
    ),
    rounds: handoff.rounds.map(archivedRound),
    ...(answers.length === 0 ? {} : { answers: answers.map(({ at, epoch: of }) => [at, of] as const) }),
    ...(questions.length === 0 ? {} : { questions: questions.length }),
    ...(delegation === null ? {} : { delegation: [delegation.sentAt, delegation.reminders, delegation.ack] as const }),
    ...(removed.length === 0 ? {} : { removed }),
  };
}

function archivedRound({ epoch, startedAt, finishedAt, judged, verdict, checks }: Round): ArchivedRound {
  return [
    epoch,
    startedAt,
    finishedAt,
    judged?.tree ?? null,
    verdict === null ? null : [verdict.kind, verdict.row, archivedReasons(verdict)],
    checks.map(({ check, outcome, durationMs }) => [check, outcome, durationMs]),
  ];
}

/** The strongest one is told in briefs; of the others only which rule of which row they fall under is ever counted. */
function archivedReasons({ reasons }: Verdict): readonly Reason[] {
  const [first, ...others] = reasons;
  if (first === undefined) return [];
  const kinds = new Map<string, Reason>();
  for (const { row, rule, check } of others)
    kinds.set(`${row} ${rule} ${check ?? ''}`, { row, rule, ...(check === undefined ? {} : { check }) });
  return [first, ...kinds.values()];
}

export function factsOf(id: HandoffId, one: ArchivedHandoff): HandoffFacts {
  const { answers = [], questions = 0, delegation, closedAt } = one;
  const named = (who: Who) => (typeof who === 'string' ? who : ([one.from, one.to, one.verifier][who] ?? ''));
  return {
    id,
    from: one.from,
    to: one.to,
    verifier: one.verifier,
    task: one.task,
    type: one.type,
    priority: one.priority,
    phase: one.phase,
    phaseSince: closedAt,
    epoch: one.epoch,
    denials: one.denials,
    createdAt: one.createdAt,
    closedAt,
    history: one.history.map(
      ([at, move, epoch, by, reason]): HistoryEntry => ({
        at,
        move,
        to: leadsTo(move),
        epoch,
        by: named(by),
        ...(reason === undefined ? {} : { reason }),
      }),
    ),
    rounds: one.rounds.map(([epoch, startedAt, finishedAt, tree, verdict, checks]) => ({
      epoch,
      startedAt,
      finishedAt,
      judged: tree === null ? null : { tree },
      verdict: verdict === null ? null : { kind: verdict[0], row: verdict[1], reasons: verdict[2] },
      checks: checks.map(([check, outcome, durationMs]) => ({ check, outcome, durationMs })),
    })),
    answers: answers.map(([at, epoch]) => ({ at, epoch })),
    questions: { length: questions },
    delegation: delegation === undefined ? null : { sentAt: delegation[0], reminders: delegation[1], ack: delegation[2] },
  };
}

const LEADS_TO = new Map(Object.values(MOVES).flatMap((row) => Object.entries(row) as [Move, Phase | Closed][]));

/** Each move leads to one phase, wherever it begins. */
function leadsTo(move: Move): Phase | Closed {
  const phase = LEADS_TO.get(move);
  if (phase === undefined) throw new Error(`archive: there is no move ${move}`);
  return phase;
}
