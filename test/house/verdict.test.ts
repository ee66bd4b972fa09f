/**
 * The verdict over every combination of what a round can hold, against a second judge that was written down from
 * the protocol's sentences as nested questions, and shares nothing with the table but its types.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { CheckReport, Outcome, Severity, Violation } from '../../src/core/report.ts';
import { judge, type Verdict, type VerdictInput, type VerdictKind } from '../../src/core/verdict.ts';
import { baseline, benchmark, check, id, input, round } from '../core/verdict-fixture.ts';

/** Every toggle with its values, the harmless one first where there is a harmless one. */
const TOGGLES = {
  /** A critical check: its outcome, or null when it is not there at all. */
  critical: ['passed', 'failed', 'failed-on-base', 'did-not-run', 'skipped', null],
  /** One that is not critical, which also carries the violations, the figures and the coverage. */
  other: ['passed', 'failed', 'failed-on-base', 'did-not-run', 'skipped', null],
  /** Which of the two carries the violations, the figures, the coverage, the tests and the flaws. */
  bearer: ['other', 'critical'],
  phase: ['integration', 'pre'],
  severity: [null, 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'],
  gap: [false, true],
  denials: [0, 1, 2],
  /** `said`: only its report calls it a regression; `none`: a figure that is no number. */
  performance: ['pass', 'met', 'unclear', 'none', 'regression', 'target', 'said'],
  coverage: ['off', 'fine', 'below', 'missing', 'lower'],
  judgeTouched: [null, 'config', 'weaker test'],
  uncovered: [false, true],
  disagrees: [false, true],
  /** It says "passed", and has counted failed tests. */
  failedTests: [false, true],
  flaky: [false, true],
  /** An earlier result is used again, which is neither worse nor better. */
  reused: [false, true],
  /** What the assignment asks for: a check that passed, one that was skipped, one that there is not. */
  required: [null, 'passed', 'skipped', 'missing'],
  fewer: [false, true],
  /** The config asks for a figure that nobody measured. */
  asked: [false, true],
  open: [null, 'box', 'question'],
  /** What became of the round itself. */
  round: ['whole', 'void', 'cancelled', 'trouble'],
} as const;
type Toggles = typeof TOGGLES;
type Case = { readonly [Name in keyof Toggles]: Toggles[Name][number] };
const NAMES = Object.keys(TOGGLES) as (keyof Toggles)[];

/**
 * Whole, the product is 17 thousand million rounds. So it is walked three times: everything that rows 1 to 9 look at, and again under
 * each single other toggle; everything that makes a round unclear, whole, under each pair of outcomes; and what says nothing by
 * itself (who bears it, when, what became of the round), whole, under outcomes and figures. `VERDICT=long` leaves nothing of each out.
 */
const LONG = process.env.VERDICT === 'long';
const HEAVY: readonly (keyof Toggles)[] = ['critical', 'other', 'severity', 'gap', 'denials', 'performance', 'coverage'];
const UNCLEAR: readonly (keyof Toggles)[] = [
  'judgeTouched',
  'uncovered',
  'disagrees',
  'failedTests',
  'flaky',
  'required',
  'fewer',
  'asked',
  'open',
];
const SILENT: readonly (keyof Toggles)[] = ['bearer', 'phase', 'reused', 'round'];

function* combinations(names: readonly (keyof Toggles)[], base: Case): Generator<Case> {
  const [name, ...rest] = names;
  if (name === undefined) {
    yield base;
    return;
  }
  for (const value of TOGGLES[name]) yield* combinations(rest, { ...base, [name]: value });
}

const HARMLESS = Object.fromEntries(NAMES.map((name) => [name, TOGGLES[name][0]])) as Case;

/** The round that a combination stands for. */
function given(c: Case): VerdictInput {
  const found: Violation[] =
    c.severity === null && !c.gap ? [] : [{ type: c.gap ? 'missing-handler' : 'style', severity: c.severity ?? 'LOW', description: 'x' }];
  if (c.performance === 'said') found.push({ type: 'PERFORMANCE_REGRESSION', severity: 'LOW', description: 'slower' });
  const value = { pass: 100, met: 100, unclear: 110, none: Number.NaN, regression: 150, target: 90, said: 100 }[c.performance];
  const target = { target: 80, met: 100 }[c.performance as string];
  const shares = { off: null, fine: 90, below: 50, missing: null, lower: 85 }[c.coverage];
  const borne: Partial<CheckReport> = {
    violations: found,
    benchmarks: [benchmark(value, target === undefined ? {} : { target })],
    coveragePercent: shares,
    disagrees: c.disagrees,
    flaky: c.flaky,
    tests: c.failedTests ? { total: 3, passed: 2, failed: 1, skipped: 0 } : null,
    ...(c.reused ? { reused: true } : {}),
  };
  const own = (which: Case['bearer']) => (c.bearer === which ? borne : {});
  const checks = [
    ...(c.critical === null
      ? []
      : [check('critical', { ...own('critical'), phase: c.phase === 'pre' ? 'integration' : 'pre', outcome: c.critical })]),
    ...(c.other === null ? [] : [check('other', { ...own('other'), critical: false, phase: c.phase, outcome: c.other })]),
    ...(c.required === 'skipped' || c.required === 'passed' ? [check('required', { outcome: c.required })] : []),
  ];
  const report = round(checks, {
    judgeTouched: c.judgeTouched === null ? [] : [c.judgeTouched === 'config' ? 'coordtui.yaml' : 'test/cart.test.ts'],
    uncovered: c.uncovered ? ['new.zig'] : [],
    voided: c.round === 'void',
    cancelled: c.round === 'cancelled',
    trouble: c.round === 'trouble' ? 'no disk' : null,
  });
  return input(report, {
    denialsInARow: c.denials,
    required: c.required === null ? [] : [id('required')],
    openBoxes: c.open === 'box' ? ['seen on a phone'] : [],
    questions: c.open === 'question' ? ['which currency?'] : [],
    benchmarks: c.asked ? ['rss'] : [],
    baseline: baseline({
      checks: c.fewer ? [id('gone')] : [],
      benchmarks: [benchmark(100)],
      coveragePercent: c.coverage === 'lower' ? 88 : null,
    }),
    policy: { coverageMinPercent: c.coverage === 'off' ? null : 80 },
  });
}

/** The protocol's section 5, read aloud. */
function oracle(c: Case): `${VerdictKind} ${number}` {
  if (c.round !== 'whole') return 'escalate 13';
  const ranOutcomes: readonly (Outcome | null)[] = ['passed', 'failed', 'failed-on-base'];
  const criticalRan = ranOutcomes.includes(c.critical);
  const otherRan = ranOutcomes.includes(c.other);
  if (!criticalRan && !otherRan && c.required !== 'passed') return 'escalate 1';
  const bearer = c.bearer === 'other' ? c.other : c.critical;
  // What fails on the base is set aside, and what did not run has found nothing.
  const counts = bearer === 'passed' || bearer === 'failed';
  let denyingRow = 0;
  if (counts && c.severity === 'HIGH') denyingRow = 7;
  if (counts && c.coverage === 'below') denyingRow = 6;
  if (counts && (c.performance === 'regression' || c.performance === 'target' || c.performance === 'said')) denyingRow = 5;
  if (counts && c.gap) denyingRow = 4;
  if (c.critical === 'failed' || (counts && c.severity === 'CRITICAL')) denyingRow = 3;
  if (denyingRow > 0) return c.denials >= DEFAULT_POLICY.maxDenialsInARow ? 'escalate 2' : `deny ${denyingRow}`;
  if (c.critical === 'did-not-run' || c.other === 'did-not-run') return 'escalate 8';
  if (c.critical === 'failed-on-base' || c.other === 'failed-on-base') return 'escalate 9';
  if (c.judgeTouched !== null) return 'escalate 10';
  if (c.other === 'failed') return 'escalate 11';
  if (bearer !== null && (c.disagrees || c.flaky)) return 'escalate 11';
  if (bearer === 'passed' && c.failedTests) return 'escalate 11';
  if (counts) {
    const unclear = c.performance === 'unclear' || c.performance === 'none';
    if (c.severity === 'MEDIUM' || unclear || c.coverage === 'missing' || c.coverage === 'lower') return 'escalate 11';
  } else if (c.coverage !== 'off') return 'escalate 11';
  // Whoever measures the figure may be one that had nothing to do.
  const somebodySkipped = c.critical === 'skipped' || c.other === 'skipped' || c.required === 'skipped';
  if (c.asked && !somebodySkipped) return 'escalate 11';
  if (c.uncovered || c.required === 'skipped' || c.required === 'missing' || c.fewer || c.open !== null) return 'escalate 11';
  return 'approve 12';
}

/** Nothing of rows 1 to 11 in sight, asked of the input itself and not of the toggles. */
function blameless({ report, required, openBoxes, questions }: VerdictInput): boolean {
  const said = report.checks.filter(({ outcome }) => outcome !== 'skipped');
  const harmful: readonly Severity[] = ['CRITICAL', 'HIGH', 'MEDIUM'];
  return (
    said.length > 0 &&
    said.every(
      ({ outcome, violations, flaky, disagrees, tests }) =>
        outcome === 'passed' && !flaky && !disagrees && (tests?.failed ?? 0) === 0 && !violations.some((v) => harmful.includes(v.severity)),
    ) &&
    !report.voided &&
    !report.cancelled &&
    report.trouble === null &&
    required.every((wanted) => said.some((report) => report.check === wanted)) &&
    report.judgeTouched.length + report.uncovered.length + openBoxes.length + questions.length === 0
  );
}

function checkCase(c: Case): Verdict {
  const asked = given(c);
  const verdict = judge(asked);
  const expected = oracle(c);
  if (`${verdict.kind} ${verdict.row}` !== expected)
    expect.fail(`${JSON.stringify(c)}: the table says ${verdict.kind} ${verdict.row}, the protocol ${expected}`);
  if (verdict.reasons[0]?.row !== verdict.row) expect.fail(`${JSON.stringify(c)}: the first reason is not of the deciding row`);
  if (verdict.kind === 'approve' && !blameless(asked)) expect.fail(`${JSON.stringify(c)}: approved with a fault in it`);
  return verdict;
}

/** No faults by themselves: when a check runs, who carries what, and how often it was denied before. */
const NO_FAULT: ReadonlySet<keyof Toggles> = new Set<keyof Toggles>(['phase', 'denials', 'bearer', 'reused']);

/** One fault more: each toggle that stands at its harmless value, moved to each other one. A check that is skipped is none, it takes what it found with it. */
function* worsened(c: Case): Generator<Case> {
  for (const name of NAMES) {
    if (NO_FAULT.has(name) || c[name] !== TOGGLES[name][0]) continue;
    for (const value of TOGGLES[name])
      if (value !== c[name] && value !== null && value !== 'skipped' && value !== 'passed') yield { ...c, [name]: value };
  }
}

/** A third of a million rounds: seconds on a quiet machine, and no measure of a busy one. */
describe('PROTOCOL §5: the verdict over all combinations', { timeout: 600_000 }, () => {
  const size = (names: readonly (keyof Toggles)[]) => names.reduce((product, name) => product * TOGGLES[name].length, 1);
  const walk = (names: readonly (keyof Toggles)[], setting: Case): number => {
    let count = 0;
    for (const c of combinations(names, setting)) {
      checkCase(c);
      count++;
    }
    return count;
  };

  it('PROTOCOL §5: agrees with the protocol read aloud, for all combinations of outcomes, violations, figures, coverage and denials', () => {
    const light = NAMES.filter((name) => !HEAVY.includes(name));
    const settings = [HARMLESS, ...light.flatMap((name) => TOGGLES[name].slice(1).map((value): Case => ({ ...HARMLESS, [name]: value })))];
    expect(walk(HEAVY, HARMLESS)).toBe(size(HEAVY));
    const each = HEAVY.filter((name) => LONG || (name !== 'gap' && name !== 'coverage'));
    const count = settings.reduce((sum, setting) => sum + walk(each, setting), 0);
    expect(count).toBe(settings.length * size(each));
  });

  it('PROTOCOL §5: agrees with it for all combinations of what makes a round unclear, in every pair of outcomes', () => {
    const names: readonly (keyof Toggles)[] = ['critical', 'other', ...(LONG ? (['severity'] as const) : []), ...UNCLEAR];
    expect(walk(names, HARMLESS)).toBe(size(names));
  });

  it('PROTOCOL §5: whoever bears a fault, in whichever phase, used again or not: it counts alike; a round that is none says nothing', () => {
    const more = LONG ? (['gap', 'judgeTouched'] as const) : [];
    const names: readonly (keyof Toggles)[] = ['critical', 'other', 'severity', 'performance', 'failedTests', ...more, ...SILENT];
    expect(walk(names, HARMLESS)).toBe(size(names));
  });

  it('PROTOCOL §5: one more fault never turns a denial or an escalation into an approval', () => {
    for (const c of combinations(
      ['critical', 'other', 'severity', 'performance', 'judgeTouched', ...(LONG ? (['coverage'] as const) : [])],
      HARMLESS,
    )) {
      if (judge(given(c)).kind === 'approve') continue;
      for (const worse of worsened(c)) {
        if (judge(given(worse)).kind === 'approve') expect.fail(`${JSON.stringify(c)} was not approved, ${JSON.stringify(worse)} is`);
      }
    }
  });
});
