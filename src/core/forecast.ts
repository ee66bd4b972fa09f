/**
 * What would become of work that nobody has called ready yet. A forecast is the room's memory and nobody's word: it stands in no
 * state and no journal, and no verdict ever sees it (PROTOCOL section 5: only the sealed round is judged).
 */
import { sentence } from './explain.ts';
import type { Ms } from './ids.ts';
import { plain } from './plain.ts';
import type { RoundReport } from './report.ts';
import type { CoordinatorState, Handoff } from './state.ts';
import { duration } from './time.ts';
import { judge, type Reason, type VerdictKind } from './verdict.ts';

export type Clash = { readonly with: string; readonly files: readonly string[] };

export type Trial = {
  readonly at: Ms;
  /** The tree that it ran over. */
  readonly tree: string;
  readonly kind: VerdictKind;
  readonly reasons: readonly Reason[];
};

export type Forecast = {
  /** When the tree was last looked at, and which one it was. */
  readonly at: Ms;
  readonly tree: string;
  /** Whose work does not merge with this one's, uncommitted work included; null: not looked at yet. */
  readonly clashes: readonly Clash[] | null;
  /** The newest trial of the checks; null: none has come to an end yet. */
  readonly trial: Trial | null;
  /** One is under way. */
  readonly running: boolean;
};

export function isForeseen({ phase, closedAt, held }: Handoff): boolean {
  return closedAt === null && !held && (phase === 'ACTIVE' || phase === 'REMEDIATION');
}

/** What the table of verdicts would make of it; null: the trial came to nothing. */
export function foresee({ config, baseline }: CoordinatorState, handoff: Handoff, report: RoundReport, at: Ms): Trial | null {
  if (report.judged === null || report.trouble !== null || report.cancelled || report.voided) return null;
  const { kind, reasons } = judge({
    report,
    policy: config.policy,
    denialsInARow: 0,
    baseline,
    required: handoff.required,
    openBoxes: [],
    questions: [],
    benchmarks: (config.verification.benchmarks ?? []).map(({ name }) => name),
  });
  return { at, tree: report.judged.tree, kind, reasons: reasons.slice(0, REASONS) };
}

const REASONS = 5;
const FILES_NAMED = 3;
const WOULD = { approve: 'would pass', deny: 'would be denied', escalate: 'would ask you' } as const;

export type Outlook = {
  readonly kind: VerdictKind | 'clash';
  readonly word: string /** The work has gone on since. */;
  readonly old: boolean;
};

/** In a word, the gravest first; null: nothing is known. */
export function outlook({ clashes, trial, tree }: Forecast): Outlook | null {
  if (clashes !== null && clashes.length > 0) return { kind: 'clash', word: 'conflicts', old: false };
  return trial === null ? null : { kind: trial.kind, word: WOULD[trial.kind], old: trial.tree !== tree };
}

/** In sentences, with their age. */
export function forecastLines({ clashes, trial, tree, running }: Forecast, at: Ms): string[] {
  const since = trial !== null && trial.tree !== tree ? ', and the work has gone on since' : '';
  const reasons =
    trial === null
      ? ''
      : trial.reasons
          .filter(({ row }) => row !== 12)
          .slice(0, 2)
          .map(sentence)
          .join('; ');
  return [
    ...(trial === null
      ? []
      : [
          `ahead: it ${WOULD[trial.kind]}${reasons === '' ? '' : `: ${reasons}`} (tried ${duration(at - trial.at)} ago${since}; never part of a verdict)`,
        ]),
    ...(running ? ['ahead: its checks are being tried now'] : []),
    ...(clashes ?? []).map(
      ({ with: other, files }) =>
        `ahead: does not merge with ${plain(other, 120)}: ${files
          .slice(0, FILES_NAMED)
          .map((path) => plain(path, 120))
          .join(', ')}${files.length > FILES_NAMED ? ` and ${files.length - FILES_NAMED} more` : ''}`,
    ),
  ];
}
