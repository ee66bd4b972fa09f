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
  phase: ['integration', 'pre'],
  severity: [null, 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'],
  gap: [false, true],
  denials: [0, 1, 2],
  performance: ['pass', 'unclear', 'regression', 'target'],
  coverage: ['off', 'fine', 'below', 'missing', 'lower'],
  judgeTouched: [false, true],
  uncovered: [false, true],
  disagrees: [false, true],
  flaky: [false, true],
  required: [false, true],
  fewer: [false, true],
  open: [null, 'box', 'question'],
} as const;
type Toggles = typeof TOGGLES;
type Case = { readonly [Name in keyof Toggles]: Toggles[Name][number] };
const NAMES = Object.keys(TOGGLES) as (keyof Toggles)[];

/**
 * Whole, the product is 50 million rounds. So it is walked twice: everything that rows 1 to 9 look at, under each
 * single other toggle; and every other toggle whole, under each pair of outcomes, severity and count of denials.
 */
const HEAVY: readonly (keyof Toggles)[] = ['critical', 'other', 'severity', 'gap', 'denials', 'performance', 'coverage'];

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
  const value = { pass: 100, unclear: 110, regression: 150, target: 90 }[c.performance];
  const shares = { off: null, fine: 90, below: 50, missing: null, lower: 85 }[c.coverage];
  const other: Partial<CheckReport> = {
    critical: false,
    phase: c.phase,
    violations: found,
    benchmarks: [benchmark(value, c.performance === 'target' ? { target: 80 } : {})],
    coveragePercent: shares,
    disagrees: c.disagrees,
    flaky: c.flaky,
  };
  const checks = [
    ...(c.critical === null ? [] : [check('critical', { phase: c.phase === 'pre' ? 'integration' : 'pre', outcome: c.critical })]),
    ...(c.other === null ? [] : [check('other', { ...other, outcome: c.other })]),
    ...(c.required ? [check('required', { outcome: 'skipped' })] : []),
  ];
  return input(round(checks, { judgeTouched: c.judgeTouched ? ['coordtui.yaml'] : [], uncovered: c.uncovered ? ['new.zig'] : [] }), {
    denialsInARow: c.denials,
    required: c.required ? [id('required')] : [],
    openBoxes: c.open === 'box' ? ['seen on a phone'] : [],
    questions: c.open === 'question' ? ['which currency?'] : [],
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
  const ranOutcomes: readonly (Outcome | null)[] = ['passed', 'failed', 'failed-on-base'];
  const criticalRan = ranOutcomes.includes(c.critical);
  const otherRan = ranOutcomes.includes(c.other);
  if (!criticalRan && !otherRan) return 'escalate 1';
  // What fails on the base is set aside, and what did not run has found nothing.
  const counts = otherRan && c.other !== 'failed-on-base';
  let denyingRow = 0;
  if (counts && c.severity === 'HIGH') denyingRow = 7;
  if (counts && c.coverage === 'below') denyingRow = 6;
  if (counts && (c.performance === 'regression' || c.performance === 'target')) denyingRow = 5;
  if (counts && c.gap) denyingRow = 4;
  if (c.critical === 'failed' || (counts && c.severity === 'CRITICAL')) denyingRow = 3;
  if (denyingRow > 0) return c.denials >= DEFAULT_POLICY.maxDenialsInARow ? 'escalate 2' : `deny ${denyingRow}`;
  if (c.critical === 'did-not-run' || c.other === 'did-not-run') return 'escalate 8';
  if (c.critical === 'failed-on-base' || c.other === 'failed-on-base') return 'escalate 9';
  if (c.judgeTouched) return 'escalate 10';
  if (c.other === 'failed') return 'escalate 11';
  if (c.other !== null && (c.disagrees || c.flaky)) return 'escalate 11';
  if (counts) {
    if (c.severity === 'MEDIUM' || c.performance === 'unclear' || c.coverage === 'missing' || c.coverage === 'lower') return 'escalate 11';
  } else if (c.coverage !== 'off') return 'escalate 11';
  if (c.uncovered || c.required || c.fewer || c.open !== null) return 'escalate 11';
  return 'approve 12';
}

/** Nothing of rows 1 to 11 in sight, asked of the input itself and not of the toggles. */
function blameless({ report, required, openBoxes, questions }: VerdictInput): boolean {
  const said = report.checks.filter(({ outcome }) => outcome !== 'skipped');
  const harmful: readonly Severity[] = ['CRITICAL', 'HIGH', 'MEDIUM'];
  return (
    said.length > 0 &&
    said.every(
      ({ outcome, violations, flaky, disagrees }) =>
        outcome === 'passed' && !flaky && !disagrees && !violations.some((v) => harmful.includes(v.severity)),
    ) &&
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

/** One fault more: each toggle that stands at its harmless value, moved to each other one. A check that is skipped is none, it takes what it found with it. */
function* worsened(c: Case): Generator<Case> {
  for (const name of NAMES) {
    if (name === 'phase' || name === 'denials' || c[name] !== TOGGLES[name][0]) continue;
    for (const value of TOGGLES[name]) if (value !== c[name] && value !== null && value !== 'skipped') yield { ...c, [name]: value };
  }
}

/** Half a million rounds: seconds on a quiet machine, and no measure of a busy one. */
describe('PROTOCOL §5: the verdict over all combinations', { timeout: 600_000 }, () => {
  const light = NAMES.filter((name) => !HEAVY.includes(name));

  it('PROTOCOL §5: agrees with the protocol read aloud, for all combinations of outcomes, violations, figures, coverage and denials', () => {
    let count = 0;
    const settings = [HARMLESS, ...light.flatMap((name) => TOGGLES[name].slice(1).map((value): Case => ({ ...HARMLESS, [name]: value })))];
    for (const setting of settings) {
      for (const c of combinations(HEAVY, setting)) {
        checkCase(c);
        count++;
      }
    }
    expect(count).toBe(settings.length * 6 * 6 * 5 * 2 * 3 * 4 * 5);
  });

  it('PROTOCOL §5: agrees with it for all combinations of everything else, in every pair of outcomes', () => {
    let count = 0;
    for (const c of combinations(['critical', 'other', 'severity', 'denials', ...light], HARMLESS)) {
      checkCase(c);
      count++;
    }
    expect(count).toBe(6 * 6 * 5 * 3 * 2 ** 7 * 3);
  });

  it('PROTOCOL §5: one more fault never turns a denial or an escalation into an approval', () => {
    for (const c of combinations(['critical', 'other', 'severity', 'performance', 'coverage', 'judgeTouched'], HARMLESS)) {
      if (judge(given(c)).kind === 'approve') continue;
      for (const worse of worsened(c)) {
        if (judge(given(worse)).kind === 'approve') expect.fail(`${JSON.stringify(c)} was not approved, ${JSON.stringify(worse)} is`);
      }
    }
  });
});
