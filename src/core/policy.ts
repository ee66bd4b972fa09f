/**
 * Every number and criterion of the protocol, with its unit in its name. The config may override
 * any of them; nothing else in the source holds a threshold.
 */
export type Policy = {
  /** PROTOCOL section 3: the monitoring cycle. */
  readonly monitorIntervalMs: number;
  /** How long the countdown dial waits before it acts. */
  readonly countdownMs: number;
  /** How long a decision, the operator's or the countdown's, is held back so that he can take it back; 0: not at all. */
  readonly undoMs: number;
  /** PROTOCOL section 5. */
  readonly maxDenialsInARow: number;
  readonly maxVoidRounds: number;
  readonly gapTypes: readonly string[];
  /** What a round finds when something new has no caller: work for the front end once it is approved. */
  readonly unusedTypes: readonly string[];
  readonly coverageMinPercent: number | null;
  readonly regressionPercent: number;
  readonly unclearPercent: number;
  /** PROTOCOL section 7. */
  readonly staleAfterMs: number;
  readonly staleWarningMs: number;
  /** The rungs of the recovery ladder after `staleAfterMs`, each a length of silence. */
  readonly recoveryUrgentMs: number;
  readonly recoveryRestartMs: number;
  readonly recoveryMarkMs: number;
  /** What a program draws so soon after a restart is no sign of life. */
  readonly recoverySettleMs: number;
  /** How long computing children excuse a silence. */
  readonly busyAtMostMs: number;
  /** Of one core, between two looks; less than that a spinner takes as well. */
  readonly busyCpuPercent: number;
  /** For how long a session that is elsewhere may be out of reach before it is told. */
  readonly awayAlertMs: number;
  readonly restartCap: number;
  readonly restartWindowMs: number;
  readonly restartBackoffMs: readonly number[];
  /** PROTOCOL section 8: no acknowledgment. */
  readonly ackReminderMs: number;
  readonly ackUrgentMs: number;
  readonly ackUnresponsiveMs: number;
  readonly verificationConcurrency: number;
  /** How long a tree must have been at rest before its checks are tried ahead of the handoff, and how often it is looked at. */
  readonly aheadRestMs: number;
  /** Of the time that goes by, what is spent on looking ahead at most. */
  readonly aheadSharePercent: number;
  readonly alertsKept: number;
  /** PROTOCOL section 8, Retention: evidence of what is closed, by age and by its size in all. */
  readonly evidenceMaxAgeMs: number;
  readonly evidenceMaxBytes: number;
  /** So many closed handoffs stay whole in the state, and whatever was closed within that time. */
  readonly handoffsWhole: number;
  readonly handoffsWholeMs: number;
  /** How often what lies there is looked at; the first time soon after the start. */
  readonly evidenceLookMs: number;
};

export const DEFAULT_POLICY: Policy = {
  monitorIntervalMs: 30_000,
  countdownMs: 30_000,
  undoMs: 10_000,
  maxDenialsInARow: 2,
  maxVoidRounds: 2,
  gapTypes: ['missing-handler', 'route-without-handler', 'schema-column-missing', 'integration-gap'],
  unusedTypes: ['unused-handler', 'unused-route', 'handler-without-caller', 'route-without-caller', 'column-without-reader'],
  coverageMinPercent: null,
  regressionPercent: 20,
  unclearPercent: 5,
  staleAfterMs: 2_700_000,
  staleWarningMs: 1_800_000,
  recoveryUrgentMs: 3_000_000,
  recoveryRestartMs: 3_600_000,
  recoveryMarkMs: 4_500_000,
  recoverySettleMs: 60_000,
  busyAtMostMs: 7_200_000,
  busyCpuPercent: 20,
  awayAlertMs: 300_000,
  restartCap: 3,
  restartWindowMs: 600_000,
  restartBackoffMs: [1_000, 5_000, 15_000],
  ackReminderMs: 300_000,
  ackUrgentMs: 420_000,
  ackUnresponsiveMs: 570_000,
  verificationConcurrency: 1,
  aheadRestMs: 20_000,
  aheadSharePercent: 25,
  alertsKept: 100,
  evidenceMaxAgeMs: 90 * 86_400_000,
  evidenceMaxBytes: 2 * 1024 ** 3,
  handoffsWhole: 200,
  handoffsWholeMs: 2 * 86_400_000,
  evidenceLookMs: 6 * 3_600_000,
};
