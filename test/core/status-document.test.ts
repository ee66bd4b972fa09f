import { describe, expect, it } from 'vitest';
import { parseAck, parseAcks } from '../../src/core/ack-lines.ts';
import { PHASES } from '../../src/core/handoff.ts';
import { isOwned, OWNED_ROOTS } from '../../src/core/ownership.ts';
import type { Handoff, State } from '../../src/core/state.ts';
import { freshDocument, meansPhase, meansReady, mirror, readReport } from '../../src/core/status-document.ts';
import { isoTime } from '../../src/core/time.ts';
import { applyOps, getAt, isObject, type Json, type JsonObject } from '../../src/core/tree.ts';
import { judge } from '../../src/core/verdict.ts';
import { aRound, BACKEND, CONFIG, COORDINATOR, FRONTEND, handoff, hid, minutesAgo, NOW, START, state } from './state-fixture.ts';
import { check, id, input, round } from './verdict-fixture.ts';

const AT = isoTime(START);
const fresh = freshDocument(CONFIG, { sessionId: 'session-shop', at: AT });

/** The document after the coordinator went through these states, one mirror each. */
function through(...steps: readonly (readonly Handoff[])[]): JsonObject {
  return steps.reduce<JsonObject>((document, handoffs) => mirror(state(handoffs, {}, document), isoTime), fresh);
}

const at = (document: JsonObject, path: string): Json | undefined => getAt(document, path.split('/'));
const own = (document: JsonObject, field: string): Json | undefined => at(document, `instances/${BACKEND}/${field}`);

describe('a fresh status document', () => {
  it('has the roots and the fields that readers of P1 look for', () => {
    expect(Object.keys(fresh)).toEqual([
      'coordinationSession',
      'autonomousCoordination',
      'instances',
      'handoffProtocol',
      'sharedState',
      'integrationNotes',
    ]);
    expect(fresh.coordinationSession).toEqual({
      sessionId: 'session-shop',
      coordinationMode: 'THREE_INSTANCE_AUTONOMOUS',
      totalInstances: 3,
      currentPhase: 'AUTONOMOUS_COORDINATION_READY',
      startTime: AT,
    });
    expect(fresh.autonomousCoordination).toMatchObject({
      enabled: true,
      coordinatorInstance: COORDINATOR,
      autoApprovalEnabled: true,
      monitoringInterval: 30_000,
      lastAutonomousAction: null,
    });
    expect(fresh.handoffProtocol).toMatchObject({
      currentHandoffPhase: 'NONE',
      handoffInitiator: null,
      handoffTarget: null,
      handoffReason: null,
      verificationRequired: [],
      handoffStartTime: null,
      estimatedCompletionTime: null,
    });
    for (const instance of [BACKEND, FRONTEND, COORDINATOR]) {
      expect(at(fresh, `instances/${instance}`)).toMatchObject({
        instanceId: instance,
        status: 'STANDBY',
        currentTask: null,
        currentAssignment: null,
        readyForHandoff: false,
        messages: [],
      });
    }
  });

  it('is data that survives being written, and is not changed by a mirror of nothing', () => {
    expect(JSON.parse(JSON.stringify(fresh))).toEqual(fresh);
    const before = state([]);
    expect(mirror(before, isoTime)).toBe(before.document);
  });

  it('takes an id like "constructor" as any other', () => {
    const [first, ...rest] = CONFIG.instances;
    if (first === undefined) throw new Error('no instance');
    const config = { ...CONFIG, instances: [{ ...first, id: 'constructor' as typeof first.id }, ...rest] };
    expect(at(freshDocument(config, { sessionId: 's', at: AT }), 'instances/constructor/status')).toBe('STANDBY');
  });
});

describe('what the coordinator writes into the status document', () => {
  it.each(PHASES.filter((phase) => phase !== 'STANDBY'))(
    'PROTOCOL §2: instances.<id>.status shows the phase of the handoff it owns: %s',
    (phase) => {
      const document = through([handoff({ phase })]);
      expect(own(document, 'status')).toBe(phase);
      expect(own(document, 'currentAssignment')).toBe('h-3f2a');
      expect(at(document, 'handoffProtocol/currentHandoffPhase')).toBe(phase);
      expect(at(document, `instances/${FRONTEND}/status`)).toBe('STANDBY');
    },
  );

  it('PROTOCOL §2: else STANDBY, also for a handoff that is not given to it yet; nothing current is NONE', () => {
    const waiting = through([handoff({ phase: 'STANDBY' })]);
    expect([own(waiting, 'status'), own(waiting, 'currentAssignment')]).toEqual(['STANDBY', null]);
    const over = through([handoff({ phase: 'APPROVED' })], [handoff({ phase: 'STANDBY', closedAt: NOW })]);
    expect([own(over, 'status'), own(over, 'currentAssignment'), own(over, 'handoffApproved')]).toEqual(['STANDBY', null, false]);
    expect(over.handoffProtocol).toEqual(fresh.handoffProtocol);
  });

  it('PROTOCOL §2: VERIFICATION_IN_PROGRESS while the suite runs, VERIFICATION when it has ended', () => {
    const running = through([handoff({ phase: 'VERIFICATION', rounds: [aRound()] })]);
    expect(at(running, 'handoffProtocol/currentHandoffPhase')).toBe('VERIFICATION_IN_PROGRESS');
    expect(own(running, 'status')).toBe('VERIFICATION');
    expect(
      at(through([handoff({ phase: 'VERIFICATION', rounds: [aRound({ end: 'judged' })] })]), 'handoffProtocol/currentHandoffPhase'),
    ).toBe('VERIFICATION');
  });

  it('leaves what the instance says about itself, while the phase stays what it was', () => {
    const active = through([handoff()]);
    const said = applyOps(active, [
      [['instances', BACKEND, 'status'], 'thinking hard'],
      [['instances', BACKEND, 'currentAssignment'], 'h-forged'],
      [['instances', BACKEND, 'mood'], 'good'],
    ]);
    const next = mirror(state([handoff()], {}, said), isoTime);
    expect([own(next, 'status'), own(next, 'mood'), own(next, 'currentAssignment')]).toEqual(['thinking hard', 'good', 'h-3f2a']);
    const later = mirror(state([handoff({ phase: 'HANDOFF_READY' })], {}, next), isoTime);
    expect([own(later, 'status'), own(later, 'mood')]).toEqual(['HANDOFF_READY', 'good']);
  });

  it('uses a flag readyForHandoff up, so that a denied handoff is not ready again by itself', () => {
    const said = applyOps(through([handoff()]), [[['instances', BACKEND, 'readyForHandoff'], true]]);
    const failed = mirror(state([handoff({ phase: 'FAILED' })], {}, said), isoTime);
    expect(own(failed, 'readyForHandoff')).toBe(false);
    expect(readReport(at(failed, `instances/${BACKEND}`)).ready).toBe(false);
    const fixing = mirror(state([handoff({ phase: 'REMEDIATION' })], {}, failed), isoTime);
    expect(readReport(at(fixing, `instances/${BACKEND}`)).ready).toBe(false);
  });

  it('says why a denied instance is blocked, by the operator’s words or the verdict’s', () => {
    const verdict = judge(input(round([check('unit', { outcome: 'failed', reason: 'exit 1' })])));
    const denied = through([handoff({ phase: 'FAILED', rounds: [aRound({ verdict, end: 'judged' })] })]);
    expect([own(denied, 'handoffBlocked'), own(denied, 'blockReason')]).toEqual([true, 'unit: a critical check failed: exit 1']);
    const byHand = through([
      handoff({ phase: 'FAILED', history: [{ at: NOW, move: 'deny', to: 'FAILED', epoch: 1, by: 'ann', reason: 'wrong\ncurrency' }] }),
    ]);
    expect(own(byHand, 'blockReason')).toBe('wrong currency');
    expect(own(mirror(state([], {}, denied), isoTime), 'blockReason')).toBeNull();
  });

  it('mirrors the handoff in verification, else the one that changed last, and never one that waits to begin before others', () => {
    const old = handoff({
      id: hid('h-0001'),
      phase: 'VERIFICATION',
      phaseSince: minutesAgo(9),
      readyAt: minutesAgo(9),
      required: [id('unit')],
      summary: 'orders\u001b[1m done',
    });
    const newer = handoff({ id: hid('h-0002'), from: FRONTEND, to: COORDINATOR, phaseSince: minutesAgo(1) });
    const waiting = handoff({ id: hid('h-0003'), from: FRONTEND, phase: 'STANDBY', phaseSince: NOW, createdAt: NOW });
    expect(through([newer, waiting, old]).handoffProtocol).toMatchObject({
      currentHandoffPhase: 'VERIFICATION',
      handoffInitiator: BACKEND,
      handoffTarget: FRONTEND,
      handoffReason: 'orders done',
      verificationRequired: ['unit'],
      handoffStartTime: isoTime(minutesAgo(9)),
    });
    expect(through([newer, waiting]).handoffProtocol).toMatchObject({ handoffInitiator: FRONTEND, currentHandoffPhase: 'ACTIVE' });
    expect(through([waiting]).handoffProtocol).toMatchObject({ currentHandoffPhase: 'STANDBY' });
  });

  it('lists every open handoff by age', () => {
    const first = handoff({ task: 'one\u0007', priority: 'high' });
    const second = handoff({ id: hid('h-0002'), from: FRONTEND, to: BACKEND, createdAt: NOW, phase: 'STANDBY' });
    const gone = handoff({ id: hid('h-0004'), closedAt: NOW });
    expect(at(through([second, gone, first]), 'handoffProtocol/handoffs')).toEqual([
      {
        id: 'h-3f2a',
        epoch: 1,
        from: BACKEND,
        to: FRONTEND,
        phase: 'ACTIVE',
        priority: 'high',
        task: 'one',
        since: isoTime(minutesAgo(4)),
      },
      {
        id: 'h-0002',
        epoch: 1,
        from: FRONTEND,
        to: BACKEND,
        phase: 'STANDBY',
        priority: 'medium',
        task: 'add the orders table',
        since: isoTime(minutesAgo(4)),
      },
    ]);
  });

  it('PROTOCOL §3: stamps the last autonomous action and shows the dial', () => {
    const shown = (autopilot: State['coordinator']['autopilot']) => mirror(state([], { autopilot }), isoTime).autonomousCoordination;
    expect(shown({ dial: 'countdown', paused: false, lastActionAt: NOW })).toMatchObject({
      enabled: true,
      autoApprovalEnabled: true,
      autopilot: 'countdown',
      lastAutonomousAction: isoTime(NOW),
    });
    expect(shown({ dial: 'suggest', paused: false, lastActionAt: null })).toMatchObject({ enabled: true, autoApprovalEnabled: false });
    expect(shown({ dial: 'watch', paused: false, lastActionAt: null })).toMatchObject({ enabled: false, autoApprovalEnabled: false });
    expect(shown({ dial: 'act', paused: true, lastActionAt: null })).toMatchObject({
      enabled: false,
      autoApprovalEnabled: false,
      autopilot: 'paused',
    });
  });

  it('repairs a document that others have wrecked, and keeps what it does not know', () => {
    for (const wreck of [
      {},
      { instances: null, handoffProtocol: [], extra: 1 },
      { instances: { [BACKEND]: 'gone' }, handoffProtocol: { handoffs: 'x' } },
    ] as JsonObject[]) {
      const document = mirror(state([handoff()], {}, wreck), isoTime);
      expect([own(document, 'status'), own(document, 'currentAssignment')]).toEqual(['ACTIVE', 'h-3f2a']);
      expect(at(document, 'handoffProtocol/currentHandoffPhase')).toBe('ACTIVE');
      expect(document.extra).toEqual(wreck.extra);
      expect(isObject(document.instances)).toBe(true);
    }
  });

  it('PROTOCOL §1: owns its roots and, of an instance’s part, what it is told', () => {
    for (const root of OWNED_ROOTS) expect([isOwned([root]), isOwned([root, 'x'])]).toEqual([true, true]);
    expect(isOwned(['instances', BACKEND, 'messages'])).toBe(true);
    expect(isOwned(['instances', BACKEND, 'currentAssignment'])).toBe(true);
    for (const path of [[], ['instances'], ['instances', BACKEND], ['instances', BACKEND, 'status'], ['sharedState'], ['messages']])
      expect(isOwned(path)).toBe(false);
  });
});

describe('what an instance says of itself', () => {
  it.each([
    ['COMPLETED', 'HANDOFF_READY'],
    ['HANDOFF_READY', 'HANDOFF_READY'],
    ['handoff-ready', 'HANDOFF_READY'],
    [' Ready for handoff ', 'HANDOFF_READY'],
    ['MONITORING_FOR_REWORK', 'VERIFICATION'],
    ['VERIFICATION_IN_PROGRESS', 'VERIFICATION'],
    ['PENDING', 'STANDBY'],
    ['IN_PROGRESS', 'ACTIVE'],
    ['in progress', 'ACTIVE'],
    ['APPROVED', 'APPROVED'],
  ])('PROTOCOL §2: the word %j means %s', (word, phase) => {
    expect(meansPhase(word)).toBe(phase);
    expect(readReport({ status: word })).toMatchObject({ status: word, phase });
    expect(meansReady(word)).toBe(phase === 'HANDOFF_READY');
  });

  it('PROTOCOL §2: COMPLETED, HANDOFF_READY or readyForHandoff: true mean ready', () => {
    for (const part of [
      { status: 'COMPLETED' },
      { status: 'HANDOFF_READY' },
      { readyForHandoff: true },
      { status: 'ACTIVE', readyForHandoff: true },
    ]) {
      expect(readReport(part).ready).toBe(true);
      expect(meansReady(part)).toBe(true);
    }
    for (const part of [{}, { status: 'ACTIVE' }, { readyForHandoff: false }, { readyForHandoff: 1 }, { handoffApproved: true }])
      expect(readReport(part).ready).toBe(false);
    expect([meansReady(true), meansReady(false), meansReady(1), meansReady('yes'), meansReady([true])]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('PROTOCOL §2: an unknown word is kept as it stands, and nothing makes it crash', () => {
    expect(readReport({ status: 'DREAMING' })).toMatchObject({ status: 'DREAMING', phase: null, ready: false });
    for (const status of [
      '__proto__',
      'constructor',
      'toString',
      'x'.repeat(100_000),
      7,
      null,
      [],
      {},
      { a: { b: [1] } },
      true,
    ] as Json[]) {
      expect(readReport({ status }).phase).toBeNull();
      expect(meansPhase(status)).toBeNull();
    }
    expect(readReport({ status: { a: 1 } }).status).toBe('{"a":1}');
    for (const part of [undefined, null, 3, 'text', [], [[]]] as (Json | undefined)[])
      expect(readReport(part)).toMatchObject({ status: null, ready: false, acks: [] });
    const odd = JSON.parse(
      '{"__proto__":{"status":"HANDOFF_READY","readyForHandoff":true},"acknowledgments":[null,3,[],{"task":7}],"nextHandoffTarget":{"a":1},"currentTask":5}',
    ) as Json;
    expect(readReport(odd)).toMatchObject({ status: null, ready: false, task: null, target: null, acks: [] });
  });

  it('reads task and target, a target only if it can be an instance', () => {
    expect(readReport({ currentTask: 'orders', nextHandoffTarget: FRONTEND })).toMatchObject({ task: 'orders', target: FRONTEND });
    expect(readReport({ nextHandoffTarget: '../../etc' }).target).toBeNull();
  });

  it('reads acknowledgments in every shape: one text, a text or a line per entry, objects', () => {
    const first = { task: 'h-3f2a', status: 'RECEIVED', understanding: 'the form', text: 'the form' };
    const second = { task: 'h-91c0', status: 'REJECTED', understanding: null, text: 'no rights' };
    const shapes: Json[] = [
      '[ACK] h-3f2a - RECEIVED\nUnderstanding: the form\n[ACK] h-91c0 - REJECTED\nReason: no rights',
      ['[ACK] h-3f2a - RECEIVED\nUnderstanding: the form', '[ACK] h-91c0 - REJECTED\nReason: no rights'],
      ['[ACK] h-3f2a - RECEIVED', 'Understanding: the form', '[ACK] h-91c0 - REJECTED', 'Reason: no rights'],
      [
        { task_id: 'h-3f2a', status: 'received', understanding: 'the form' },
        { taskId: 'h-91c0', status: 'REJECTED', reason: 'no rights' },
      ],
    ];
    for (const shape of shapes) {
      expect(readReport({ acknowledgments: shape }).acks).toEqual([first, second]);
      expect(readReport({ ack: shape }).acks).toEqual([first, second]);
    }
    expect(readReport({ acknowledgments: ['[ACK] h-3f2a - MAYBE', { status: 'RECEIVED' }] })).toMatchObject({
      acks: [],
      issues: [
        '[ACK] h-3f2a: "MAYBE" is none of RECEIVED, CLARIFICATION_NEEDED, REJECTED, QUEUED',
        '[ACK] "" is no task: ids look like h-3f2a',
      ],
    });
  });
});

describe('PROTOCOL §8: acknowledgments', () => {
  const ack = (text: string) => {
    const result = parseAck(text);
    return result.ok
      ? `${result.ack.task} ${result.ack.status} | ${result.ack.understanding} | ${result.ack.text}`
      : `error: ${result.error}`;
  };

  it.each([
    ['[ACK] h-3f2a - RECEIVED\nUnderstanding: add the form', 'h-3f2a RECEIVED | add the form | add the form'],
    ['[ACK] h-3f2a - RECEIVED', 'h-3f2a RECEIVED | null | null'],
    ['[ACK] h-3f2a - ACCEPTED', 'h-3f2a RECEIVED | null | null'],
    ['[ACK] h-3f2a - CONFIRMED', 'h-3f2a RECEIVED | null | null'],
    ['[ack] h-3f2a — received.', 'h-3f2a RECEIVED | null | null'],
    ['[ACK] h-3f2a: RECEIVED', 'h-3f2a RECEIVED | null | null'],
    ['  [ACK]   h-3f2a   -   RECEIVED   Understanding: on one line', 'h-3f2a RECEIVED | on one line | on one line'],
    ['hello\r\n[ACK] h-3f2a - RECEIVED\r\nunderstanding:  windows \r\n', 'h-3f2a RECEIVED | windows | windows'],
    [
      '[ACK] h-3f2a - NEEDS_CLARIFICATION\nUnderstanding: half\nQuestions:\n- which currency?\n2. which tax?',
      'h-3f2a CLARIFICATION_NEEDED | half | which currency? · which tax?',
    ],
    ['[ACK] h-3f2a - clarification-needed\nQuestion: which?', 'h-3f2a CLARIFICATION_NEEDED | null | which?'],
    ['[ACK] h-3f2a - REJECTED\nReason: not mine', 'h-3f2a REJECTED | null | not mine'],
    ['[ACK] h-3f2a - QUEUED\nNote: after h-91c0', 'h-3f2a QUEUED | null | after h-91c0'],
    ['[ACK] h-3f2a - REJECTED\nUnderstanding: x', 'error: [ACK] h-3f2a: REJECTED needs a reason: add a line "Reason: …"'],
    ['[ACK] h-3f2a - REJECTED\nReason:   \n\nnot this', 'error: [ACK] h-3f2a: REJECTED needs a reason: add a line "Reason: …"'],
    ['[ACK] h-3f2a - CLARIFICATION_NEEDED', 'error: [ACK] h-3f2a: CLARIFICATION_NEEDED needs a question: add a line "Question: …"'],
    ['[ACK] h-3f2a - QUEUED', 'error: [ACK] h-3f2a: QUEUED needs a note: add a line "Note: …"'],
    ['[ACK] h-3f2a - APPROVED', 'error: [ACK] h-3f2a: "APPROVED" is none of RECEIVED, CLARIFICATION_NEEDED, REJECTED, QUEUED'],
    ['[ACK] h-3f2a - CONSTRUCTOR', 'error: [ACK] h-3f2a: "CONSTRUCTOR" is none of RECEIVED, CLARIFICATION_NEEDED, REJECTED, QUEUED'],
    ['[ACK] ../../x - RECEIVED', 'error: [ACK] "../../x" is no task: ids look like h-3f2a'],
    ['[ACK] h-3f2a', 'error: "[ACK] h-3f2a" is not of the form "[ACK] h-3f2a - RECEIVED"'],
    ['all good', 'error: no line of the form "[ACK] h-3f2a - RECEIVED"'],
    ['', 'error: no line of the form "[ACK] h-3f2a - RECEIVED"'],
  ])('PROTOCOL §8: %j', (text, expected) => {
    expect(ack(text)).toBe(expected);
  });

  it('takes no control character over and is quick on hostile text', () => {
    expect(ack('[ACK] h-3f2a - RECEIVED\nUnderstanding: a\u001b[2J\u202eb')).toBe('h-3f2a RECEIVED | ab | ab');
    for (const hostile of [
      '[ACK]'.repeat(500_000),
      `[ACK] ${'-'.repeat(500_000)}`,
      `[ACK] ${'a '.repeat(200_000)}`,
      '[ACK]\n'.repeat(200_000),
      ' '.repeat(1_000_000),
    ]) {
      expect(parseAck(hostile).ok).toBe(false);
      expect(parseAcks(hostile).length).toBeLessThanOrEqual(50);
    }
  });
});
