import { describe, expect, it } from 'vitest';
import { explainHandoff, explainVerdict, sentence } from '../../src/core/explain.ts';
import type { Handoff, State } from '../../src/core/state.ts';
import { judge, type Reason } from '../../src/core/verdict.ts';
import { aRound, BACKEND, COORDINATOR, FRONTEND, handoff, hid, minutesAgo, NOW, question, session, state } from './state-fixture.ts';
import { baseline, benchmark, check, id, input, round, violation } from './verdict-fixture.ts';

const critical: Reason = {
  row: 3,
  rule: 'critical-violation',
  check: id('ipc'),
  file: 'src/a.ts',
  line: 12,
  detail: 'missing-handler: orders:create has no handler',
};

describe('a reason as a sentence', () => {
  it('names check, place, detail and figure', () => {
    expect(sentence(critical)).toBe('ipc: a CRITICAL violation, src/a.ts:12: missing-handler: orders:create has no handler');
    expect(sentence({ row: 6, rule: 'coverage-below', figure: '62 % < 80 %' })).toBe('the coverage is below the limit (62 % < 80 %)');
    expect(sentence({ row: 10, rule: 'judge-touched', file: 'coordtui.yaml' })).toBe(
      'the change touches what it is judged by, coordtui.yaml',
    );
  });

  it('has words for every rule that the table can give', () => {
    const everything = [
      input(round([]), { baseline: baseline({ checks: [id('gone')] }) }),
      input(round([check('a')], { cancelled: true })),
      input(
        round(
          [
            check('a', { outcome: 'failed', disagrees: true, flaky: true, coveragePercent: 50 }),
            check('b', { outcome: 'failed', critical: false }),
            check('c', { outcome: 'did-not-run' }),
            check('d', { outcome: 'failed-on-base' }),
            check('e', { outcome: 'skipped' }),
            check('f', {
              violations: [
                ...(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const).map((severity) => violation(severity)),
                violation('LOW', { gap: true }),
                ...Array.from({ length: 60 }, () => violation('HIGH')),
              ],
              benchmarks: [
                benchmark(150),
                benchmark(90, { name: 'rps', target: 100, better: 'higher' }),
                benchmark(110, { name: 'mem' }),
                benchmark(1, { name: 'new' }),
              ],
            }),
          ],
          { judgeTouched: ['x'], uncovered: ['y'] },
        ),
        {
          denialsInARow: 2,
          required: [id('e'), id('z')],
          openBoxes: ['box'],
          questions: ['question'],
          policy: { coverageMinPercent: 80 },
          baseline: baseline({ checks: [id('gone')], coveragePercent: 90, benchmarks: [benchmark(100), benchmark(100, { name: 'mem' })] }),
        },
      ),
      input(round([check('a', { violations: [violation('LOW')] })]), { policy: { coverageMinPercent: 80 } }),
    ];
    const reasons = everything.flatMap((given) => judge(given).reasons);
    const used = new Set(reasons.map(({ rule }) => rule));
    expect(used.size).toBe(30);
    for (const reason of reasons) expect(sentence({ row: reason.row, rule: reason.rule })).not.toBe(reason.rule);
  });

  it('shows an unknown rule as its word, and nothing of the language behind it', () => {
    expect(sentence({ row: 11, rule: 'later-rule' })).toBe('later-rule');
    expect(sentence({ row: 11, rule: '__proto__' })).toBe('__proto__');
    expect(sentence({ row: 11, rule: 'constructor' })).toBe('constructor');
  });

  it('is one line without controls, whatever a check wrote', () => {
    const text = sentence({ ...critical, file: 'a\n\u001b[2Jb', detail: `x\u202e${'y'.repeat(9999)}` });
    expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text.length).toBeLessThan(600);
  });
});

describe('a verdict explained', () => {
  it('says what was decided and why, then the other reasons', () => {
    const lines = explainVerdict(judge(input(round([check('unit', { outcome: 'failed', reason: 'exit 1' })], { uncovered: ['new.zig'] }))));
    expect(lines).toEqual([
      'DENY by row 3 of the verdict table: unit: a critical check failed: exit 1',
      'no check covers a changed file, new.zig',
    ]);
  });
});

describe('why a handoff is where it is', () => {
  const say = (one: Handoff, others: readonly Handoff[] = [], change: Partial<State['coordinator']> = {}) =>
    explainHandoff(state([one, ...others], change), one.id, NOW).sentence.replace('h-3f2a "add the orders table" ', '');
  const other = (change: Partial<Handoff>) => handoff({ id: hid('h-91c0'), from: FRONTEND, to: BACKEND, ...change });
  const denied = {
    verdict: judge(input(round([check('unit', { outcome: 'failed', reason: 'exit 1' })]))),
    finishedAt: minutesAgo(4),
    end: 'judged',
  } as const;

  it('says that there is none, for an id that is none', () => {
    expect(explainHandoff(state([]), hid('h-0000'), NOW)).toEqual({ sentence: 'There is no handoff h-0000.', evidence: [] });
    expect(explainHandoff(state([]), hid('constructor'), NOW).sentence).toBe('There is no handoff constructor.');
  });

  it('STANDBY: waits for its dependencies, for a busy owner, or to be started', () => {
    const waiting = handoff({ phase: 'STANDBY', depends: [hid('h-91c0'), hid('h-aaaa')] });
    expect(say(waiting, [other({})])).toBe('has waited for 4 m until h-91c0, h-aaaa are handed over.');
    const done = other({ closedAt: NOW, history: [{ at: NOW, move: 'transfer', to: 'HANDOFF_COMPLETE', epoch: 1, by: COORDINATOR }] });
    expect(say(handoff({ phase: 'STANDBY', depends: [hid('h-91c0')] }), [done])).toBe(`has waited for 4 m to be started by ${BACKEND}.`);
    expect(say(handoff({ phase: 'STANDBY' }), [other({ from: BACKEND })])).toBe(
      `has waited for 4 m because ${BACKEND} is busy with h-91c0.`,
    );
  });

  it('ACTIVE: waits for the agent, and says when its session is gone or it never acknowledged', () => {
    expect(say(handoff())).toBe(`waits for ${BACKEND}, which has worked on it for 4 m and has not said that it is ready.`);
    const killed = session({ session: 'exited', pid: null, exit: { code: null, signal: 'SIGKILL', at: NOW } });
    expect(say(handoff(), [], { instances: { [BACKEND]: killed } })).toContain('its session has exited (signal SIGKILL)');
    const stopped = session({ session: 'stopped', exit: null });
    expect(say(handoff(), [], { instances: { [BACKEND]: stopped } })).toContain('its session has been stopped');
    const parent = other({ phase: 'APPROVED', delegation: { handoff: hid('h-3f2a'), sentAt: minutesAgo(6), reminders: 1, ack: null } });
    expect(say(handoff({ parent: hid('h-91c0') }), [parent])).toContain('it has not acknowledged the delegation, sent 6 m ago');
  });

  it('HANDOFF_READY: behind what is verified now, then by priority and age; or next; or held', () => {
    const ready = handoff({ phase: 'HANDOFF_READY', readyAt: minutesAgo(4) });
    const running = other({ id: hid('h-0001'), phase: 'VERIFICATION', rounds: [aRound()] });
    const urgent = other({ id: hid('h-0002'), phase: 'HANDOFF_READY', priority: 'critical', readyAt: NOW });
    const older = other({ id: hid('h-0003'), phase: 'HANDOFF_READY', readyAt: minutesAgo(5) });
    const younger = other({ id: hid('h-0004'), phase: 'HANDOFF_READY', readyAt: NOW });
    const held = other({ id: hid('h-0005'), phase: 'HANDOFF_READY', priority: 'critical', readyAt: minutesAgo(9), held: true });
    expect(say(ready, [younger, older, urgent, running, held])).toBe(
      'has been ready for 4 m and is in the queue behind h-0001, h-0002, h-0003.',
    );
    expect(say(ready, [younger, held])).toBe('has been ready for 4 m and is the next to be verified.');
    expect(say({ ...ready, held: true })).toBe(
      'has been ready for 4 m and is the next to be verified, and it is held by the operator (coordtui handoffs unhold h-3f2a).',
    );
    expect(say(ready, [], { autopilot: { dial: 'act', paused: true, lastActionAt: null } })).toContain('the autopilot is paused');
    expect(say(ready, [], { autopilot: { dial: 'watch', paused: false, lastActionAt: null } })).toContain('the autopilot only watches');
  });

  it('VERIFICATION: runs, counts down, waits for the operator, or has lost its run', () => {
    const verified = (change: Partial<Handoff>) => say(handoff({ phase: 'VERIFICATION', ...change }));
    expect(verified({ rounds: [aRound()] })).toBe('is being verified since 2 m (epoch 1).');
    expect(verified({ pending: { decision: 'approve', epoch: 1, dueAt: NOW + 12_000 } })).toBe(
      'will be approved in 12 s unless the operator stops it.',
    );
    expect(verified({ pending: { decision: 'deny', epoch: 1, dueAt: null } })).toBe("waits for the operator's word to be denied.");
    expect(verified({ question: question({ reasons: [critical] }) })).toBe(
      'waits for the operator since 3 m because ipc: a CRITICAL violation, src/a.ts:12: missing-handler: orders:create has no handler.',
    );
    expect(verified({ question: question() })).toBe('waits for the operator since 3 m because the checks give no clear answer.');
    expect(verified({ rounds: [aRound({ end: 'lost', finishedAt: NOW })] })).toBe(
      'has been in verification for 4 m, and no run is under way.',
    );
  });

  it('FAILED and REMEDIATION: denied because, and whether it was taken up', () => {
    expect(say(handoff({ phase: 'FAILED', rounds: [aRound(denied)] }))).toBe(
      `was denied 4 m ago because unit: a critical check failed: exit 1; ${BACKEND} has not taken it up yet.`,
    );
    const byHand = handoff({
      phase: 'FAILED',
      rounds: [aRound(denied)],
      history: [{ at: minutesAgo(4), move: 'deny', to: 'FAILED', epoch: 1, by: 'ann', reason: 'wrong currency' }],
    });
    expect(say(byHand)).toContain('because wrong currency;');
    expect(say(handoff({ phase: 'REMEDIATION', rounds: [aRound(denied)] }))).toBe(
      `waits for ${BACKEND}, which has been fixing for 4 m what it was denied for: unit: a critical check failed: exit 1.`,
    );
  });

  it('APPROVED: waits for the acknowledgment, for a busy target, or for the operator', () => {
    const approved = (change: Partial<Handoff>, others: readonly Handoff[] = []) => say(handoff({ phase: 'APPROVED', ...change }), others);
    const delegation = { handoff: hid('h-91c0'), sentAt: minutesAgo(3), reminders: 0, ack: null };
    expect(approved({ delegation })).toBe(`was approved 4 m ago and waits for ${FRONTEND}'s acknowledgment of h-91c0, sent 3 m ago.`);
    expect(approved({ delegation: { ...delegation, reminders: 2 } })).toContain('after 2 reminders');
    expect(approved({ delegation: { ...delegation, ack: 'CLARIFICATION_NEEDED' } })).toBe(
      `was approved 4 m ago; ${FRONTEND} answered CLARIFICATION_NEEDED to h-91c0, sent 3 m ago.`,
    );
    expect(approved({}, [other({})])).toBe(`was approved 4 m ago; ${FRONTEND} is busy with h-91c0 and is not interrupted.`);
    expect(approved({}, [other({ phase: 'STANDBY' })])).toContain('is not sent yet');
    expect(approved({})).toBe(`was approved 4 m ago; the delegation to ${FRONTEND} is not sent yet.`);
    expect(approved({ delegation, question: question({ kind: 'rejected', context: 'it rejects the work' }) })).toContain(
      'waits for the operator since 3 m because it rejects the work',
    );
  });

  it('HANDOFF_COMPLETE and closed', () => {
    expect(say(handoff({ phase: 'HANDOFF_COMPLETE' }))).toBe(`was handed over to ${FRONTEND} 4 m ago; ${BACKEND} returns to standby.`);
    const closed = handoff({
      phase: 'STANDBY',
      closedAt: minutesAgo(2),
      held: true,
      history: [{ at: minutesAgo(2), move: 'release', to: 'STANDBY', epoch: 1, by: COORDINATOR }],
    });
    expect(say(closed)).toBe(`is complete and was handed over to ${FRONTEND}; it has been closed for 2 m.`);
    const withdrawn = handoff({
      closedAt: minutesAgo(2),
      history: [{ at: minutesAgo(2), move: 'withdraw', to: 'CLOSED', epoch: 1, by: 'ann', reason: 'not needed' }],
    });
    expect(say(withdrawn)).toBe('was withdrawn by ann because not needed; it has been closed for 2 m.');
  });

  it('shows the evidence: the round, its checks, the verdict, the history', () => {
    const one = handoff({
      phase: 'FAILED',
      summary: 'orders table\u001b[31m and route',
      document: 'docs_dev/handoffs/handoff-x.md',
      rounds: [
        aRound({
          ...denied,
          startedAt: minutesAgo(5),
          evidence: { path: 'status/.coordtui/evidence/1', sha256: '00' },
          checks: [{ check: id('unit'), outcome: 'failed', reason: 'exit 1', durationMs: 8200, tests: null }],
        }),
      ],
      history: [{ at: minutesAgo(4), move: 'deny', to: 'FAILED', epoch: 1, by: COORDINATOR }],
    });
    const { evidence } = explainHandoff(state([one]), one.id, NOW);
    expect(evidence).toEqual([
      `${BACKEND} → ${FRONTEND}, priority medium, phase FAILED, epoch 1, 0 denials in a row`,
      `${BACKEND} says: orders table and route`,
      'last round (epoch 1): judged, took 1 m, 0 changed files, evidence status/.coordtui/evidence/1',
      'check unit: failed, exit 1, 8 s',
      'DENY by row 3 of the verdict table: unit: a critical check failed: exit 1',
      'document: docs_dev/handoffs/handoff-x.md',
      `4 m ago: deny → FAILED by ${COORDINATOR}`,
    ]);
  });

  it('keeps hostile texts of agents on one clean line', () => {
    const one = handoff({ task: `do\n\u001b[2J\u202e${'x'.repeat(5000)}`, summary: 'a\u0007\nb', questions: ['q\r\n\u001bc'] });
    const { sentence: text, evidence } = explainHandoff(state([one]), one.id, NOW);
    for (const line of [text, ...evidence]) {
      expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(line.length).toBeLessThan(500);
    }
  });
});
