/**
 * Plays a plain-text story against the core alone: a command line, `----`, and what followed from it. Time is a
 * command. `REWRITE=1 npx vitest run test/transcripts` writes the outcome anew: read the difference before you keep it.
 */

import { refuse } from '../../src/core/authority.ts';
import { beat, gapOf, type Pulse } from '../../src/core/awake.ts';
import { findVerb } from '../../src/core/command.ts';
import type { Config, Dial } from '../../src/core/config.ts';
import { debugLines } from '../../src/core/debug-document.ts';
import type { DebugId } from '../../src/core/debugging.ts';
import type { Effect } from '../../src/core/effect.ts';
import type { Actor, Event } from '../../src/core/event.ts';
import { explainHandoff } from '../../src/core/explain.ts';
import { healthOf } from '../../src/core/health.ts';
import type { CheckId, HandoffId, InstanceId } from '../../src/core/ids.ts';
import { initialState } from '../../src/core/initial.ts';
import type { Branched, Merging } from '../../src/core/integration.ts';
import type { KpiId } from '../../src/core/kpi.ts';
import { caseLines, kpiLines } from '../../src/core/kpi-lines.ts';
import { narrate } from '../../src/core/narrate.ts';
import { parseCommand } from '../../src/core/parse-command.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { CheckReport, CheckSpec, Outcome, RoundReport, Violation } from '../../src/core/report.ts';
import type { State } from '../../src/core/state.ts';
import { step } from '../../src/core/step.ts';
import { checksOfTerms } from '../../src/core/terms.ts';
import { getAt, type Json } from '../../src/core/tree.ts';
import type { SourceKind, WatchedFile } from '../../src/core/trigger-state.ts';
import type { Observed } from '../../src/core/vital-signs.ts';

const START = Date.UTC(2026, 10, 21, 9, 0, 0);
const TREE = { commit: 'c0', tree: 't0' };

type Body = Event extends infer E ? (E extends Event ? Omit<E, 'at' | 'seed'> : never) : never;

export class Story {
  state: State;
  now = START;
  readonly moves = new Set<string>();
  readonly rows = new Set<number>();
  #seed = 0;
  #steady = 0;
  #pulse: Pulse = { at: START, steady: 0, awake: 0 };
  readonly #seen = new Map<InstanceId, Observed>();
  readonly #signs = new Map<InstanceId, number>();
  readonly #began = new Map<InstanceId, number>();
  #pid = 100;
  #lines: string[] = [];
  #queue: Body[] = [];
  #wakes: number[] = [];
  #trees = 0;
  #merges = 0;
  /** What coordtui.yaml says, once it says anything. */
  #says: Config | null = null;

  constructor() {
    this.state = initialState(storyConfig([], 'act'), 'session-shop-20261121', START);
  }

  /** Handoffs are called H1, H2, … in the order in which they were made: ids are random. */
  play(line: string): string[] {
    this.#lines = [];
    const named = line.replace(/\bH(\d+)\b/g, (name, index) => this.#handoffs()[Number(index) - 1] ?? name);
    const change = this.state.coordinator.newConfig?.id ?? 'C';
    this.#run(named.replace(/\bC\b/g, change).replace(/\bD(\d+)\b/g, (name, index) => this.#debugging()[Number(index) - 1] ?? name));
    const short = (ids: string[], letter: string) => (text: string) =>
      ids.reduce((out, id, index) => out.replaceAll(id, `${letter}${index + 1}`), text);
    const bare = this.#lines.map((text) => text.replace(/\bc-[0-9a-f]{6}\b/g, 'C'));
    return bare.map(short(this.#handoffs(), 'H')).map(short(this.#debugging(), 'D'));
  }

  #handoffs(): string[] {
    const all = Object.values(this.state.coordinator.handoffs);
    return all.sort((a, b) => a.createdAt - b.createdAt).map((handoff) => handoff.id);
  }

  #debugging(): string[] {
    const all = Object.values(this.state.coordinator.debugging ?? {});
    return all.sort((a, b) => a.openedAt - b.openedAt).map((session) => session.id);
  }

  #run(line: string): void {
    const { actor, words } = this.#speakerOf(split(line));
    const [verb = '', ...rest] = words;
    const verbs: Record<string, (rest: string[]) => void> = {
      config: (args) => this.#configure(args),
      open: () =>
        this.#happen({
          type: 'room.started',
          config: this.#says ?? this.state.coordinator.config,
          tree: TREE,
          sessionId: 'session-shop-20261121',
        }),
      suspend: ([how = '0s']) => {
        this.now += milliseconds(how);
        this.#steady += how.endsWith('!') ? milliseconds(how) : 0;
        this.#happen({ type: 'tick', cause: 'timer' });
      },
      clock: ([how = '']) => {
        this.now += (how.startsWith('-') ? -1 : 1) * milliseconds(how.slice(1));
        this.#happen({ type: 'tick', cause: 'timer' });
      },
      see: (args) => this.#see(args),
      // `sources migrations/1.sql=schema:a1:instance-1`: all watched files, with kinds, hash and owner.
      sources: (args) => {
        const files = args.map((arg): WatchedFile => {
          const [path = '', rest = ''] = arg.split('=');
          const [kinds = '', hash = '', owner] = rest.split(':');
          return { path, hash, kinds: kinds.split('+') as SourceKind[], owners: owner === undefined ? [] : [owner as InstanceId] };
        });
        this.#happen({ type: 'sources.seen', files });
      },
      health: ([id = '']) => {
        const { health, why, quality } = healthOf(this.state.coordinator, id as InstanceId, this.#pulse.awake);
        this.#lines.push(`${id}: ${health}, ${why}; work ${quality}`);
      },
      advance: ([how = '0s']) => this.#advance(milliseconds(how)),
      finish: (args) => this.#finish(args),
      merge: (args) => this.#merge(args),
      moved: (args) => this.#moved(args),
      way: ([id = '', way = '', files = '']) =>
        this.#happen({ type: 'merge.seen', handoff: id as HandoffId, way, files: files.split(',').filter((path) => path !== '') }),
      exit: ([instance = '', how = 'code=0']) => this.#exit(instance as InstanceId, how),
      edit: (args) => this.#edit(args),
      debugged: ([id = '']) => {
        const session = this.state.coordinator.debugging?.[id as DebugId];
        if (session === undefined) throw new Error(`transcript: no debugging session ${id}`);
        this.#lines.push(...debugLines(this.state, session).filter((text) => text !== ''));
      },
      // `file checks=unit,lint policy.undoMs=5 instance-4=sh instance-2=none ui.mouse=false`: coordtui.yaml says this now; bare: faults.
      file: (args) => this.#file(args),
      // The same, written while no room runs: the next one reads it.
      meanwhile: (args) => {
        this.#says = args.reduce(fileSays, this.state.coordinator.config);
      },
      kpi: () => this.#lines.push(...kpiLines(this.state, this.now)),
      cases: ([id = '']) => this.#lines.push(...caseLines(this.state, id as KpiId, 7, this.now)),
      explain: ([id = '']) => this.#explain(id as HandoffId),
      status: ([path = '']) => this.#lines.push(`${path} = ${JSON.stringify(getAt(this.state.document, path.split('/')))}`),
      attempt: ([arg = '']) => {
        const at = arg.indexOf('=');
        const refused = [
          { path: arg.slice(0, at).split('/'), value: JSON.parse(arg.slice(at + 1)) as Json, why: 'only the coordinator writes there' },
        ];
        this.#happen({ type: 'status.edited', source: 'status', edits: [], refused });
      },
    };
    // The story's own `config` sets one up; that of the program has a second word.
    const play = rest[0] === 'accept' || rest[0] === 'refuse' ? undefined : verbs[verb];
    if (play !== undefined) play(rest);
    else this.#command(actor, words);
  }

  #speakerOf(words: string[]): { actor: Actor; words: string[] } {
    const first = words[0] ?? '';
    if (!first.endsWith(':')) return { actor: { kind: 'operator', terminal: true, name: 'ann' }, words };
    const name = first.slice(0, -1);
    const actor: Actor =
      name === 'nobody'
        ? { kind: 'nobody' }
        : name.startsWith('instance-')
          ? { kind: 'instance', instance: name as InstanceId }
          : { kind: 'operator', terminal: true, name };
    return { actor, words: words.slice(1) };
  }

  #command(actor: Actor, words: string[]): void {
    const { verb, args } = parseLine(words);
    const known = findVerb(verb) ?? findVerb(verb.split(' ')[0] ?? '');
    if (known === undefined) throw new Error(`transcript: no verb ${verb}`);
    const refusal = refuse(verb, known.authority, actor);
    if (refusal !== null) {
      this.#lines.push(sayReply(refusal));
      return;
    }
    const parsed = parseCommand(verb, args, actor);
    if (parsed === null) throw new Error(`transcript: ${verb} does not reach the core`);
    if ('reply' in parsed) this.#lines.push(sayReply(parsed.reply));
    else this.#happen({ type: 'command', by: actor, command: parsed.command, tree: { commit: 'c0', tree: `t${++this.#trees}` } });
  }

  #happen(body: Body): void {
    this.#queue.push(body);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#one(next);
  }

  #one(body: Body): void {
    const seed = (++this.#seed).toString(16).padStart(16, '0');
    const before = this.state;
    const { pulse, jump } = beat(this.#pulse, this.now, this.#steady, gapOf(30_000));
    this.#pulse = pulse;
    const stamp = { at: this.now, awake: pulse.awake, ...(jump === 0 ? {} : { jump }), seed };
    const stepped = step(before, { ...body, ...stamp } as Event);
    this.state = stepped.state;
    if (stepped.reply !== null) this.#lines.push(sayReply(stepped.reply));
    for (const line of narrate(before, this.state)) this.#lines.push(line);
    for (const effect of stepped.effects) this.#perform(effect);
    for (const handoff of Object.values(this.state.coordinator.handoffs)) {
      for (const entry of handoff.history) this.moves.add(entry.move);
      for (const round of handoff.rounds) if (round.verdict) this.rows.add(round.verdict.row);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'session.start':
        if (effect.resume === true) this.#lines.push(`  effect: session.start ${effect.instance}, with its conversation`);
        this.#queue.push({ type: 'pane.started', instance: effect.instance, pid: this.#pid++ });
        return;
      case 'wake':
        this.#wakes.push(effect.at);
        return;
      case 'verification.run':
        this.#lines.push(
          `  effect: run ${effect.checks.map((check) => check.id).join(', ') || 'no check'} for ${effect.handoff}, epoch ${effect.epoch}`,
        );
        return;
      case 'document.write': {
        const merged = effect.values.MERGE == null ? '' : `, which says: ${effect.values.MERGE}`;
        this.#lines.push(
          `  effect: write ${effect.path} (${effect.template})${merged}${effect.merge === undefined ? '' : ', with the way of the work'}`,
        );
        return;
      }
      case 'integration.run':
        this.#lines.push(
          `  effect: merge ${effect.judged.tree} of ${effect.instance} onto ${effect.branch}, run ${effect.checks.map(({ id }) => id).join(', ')}`,
        );
        return;
      case 'integration.move':
        this.#lines.push(`  effect: move ${effect.branch} from ${effect.onto} to ${effect.commit}`);
        return;
      // Every verdict is sealed; the stories are about what follows from it.
      case 'evidence.verdict':
        return;
      case 'evidence.remove':
        this.#lines.push(`  effect: remove ${effect.paths.join(', ')}`);
        return;
      default:
        this.#lines.push(`  effect: ${effect.type} ${'handoff' in effect ? effect.handoff : effect.instance}`);
    }
  }

  /** Time passes as it does in a room: a cycle every 30 s, and at every moment that a step asked for. */
  #advance(by: number): void {
    const end = this.now + by;
    while (this.now < end) {
      const cycle = this.now + 30_000;
      const wake = Math.min(...this.#wakes.filter((at) => at > this.now), Number.POSITIVE_INFINITY);
      const next = Math.min(end, cycle, wake);
      this.#steady += next - this.now;
      this.now = next;
      this.#wakes = this.#wakes.filter((at) => at > this.now);
      this.#happen({ type: 'tick', cause: 'timer', observed: this.#observed() });
    }
  }

  /** `see instance-1 sign began busy asking=permission away=why commit=c7 quiet`: what its session shows from now on. */
  #see([id = '', ...args]: string[]): void {
    const instance = id as InstanceId;
    const before = this.#seen.get(instance) ?? { instance, signAgoMs: null, busy: false, asking: null, commit: null };
    const given = new Map(args.map((arg) => [arg.split('=')[0] ?? '', arg.split('=')[1] ?? null] as const));
    if (given.has('sign')) this.#signs.set(instance, this.#steady);
    if (given.has('began')) this.#began.set(instance, this.#steady);
    const { away: _before, ...here } = before;
    const away = given.get('away')?.replaceAll('"', '') ?? null;
    const commit = given.get('commit');
    this.#seen.set(instance, {
      ...here,
      ...(away === null ? {} : { away }),
      busy: given.has('busy') || (before.busy && !given.has('quiet')),
      asking: (given.get('asking') ?? null) as Observed['asking'],
      commit: commit == null ? before.commit : { hash: commit, authorAt: this.now, shared: given.has('shared') },
    });
    this.#happen({ type: 'tick', cause: 'seen', observed: this.#observed() });
  }

  #observed(): Observed[] {
    return [...this.#seen.values()].map((one) => {
      const sign = this.#signs.get(one.instance);
      const began = this.#began.get(one.instance);
      return {
        ...one,
        signAgoMs: sign === undefined ? null : this.#steady - sign,
        ...(began === undefined ? {} : { beganMsAgo: this.#steady - began }),
      };
    });
  }

  #configure(args: string[]): void {
    const given = new Map(args.map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] as const));
    const checks = (given.get('checks') ?? '').split(',').filter((name) => name !== '');
    const dial = (given.get('dial') ?? 'act') as Dial;
    this.#seen.clear();
    this.#signs.clear();
    this.#began.clear();
    const config = storyConfig(checks, dial);
    this.#says = null;
    // Most stories are about what a decision does, not about the seconds in which it can be taken back.
    const undoMs = milliseconds(given.get('undo') ?? '0s');
    const criteria = (given.get('boxes') ?? '')
      .split(',')
      .flatMap((text) => (text === '' ? [] : [{ text, check: null, informational: false }]));
    const triggers = {
      schema: ['migrations/**'],
      contracts: ['src/ipc/**'],
      responseTypes: ['src/types/**'],
      cooldownMs: 600_000,
      settleMs: 10_000,
    };
    const told = {
      ...config,
      ...(args.includes('triggers') ? { triggers } : {}),
      ...(given.has('branch') ? { integration: { branch: given.get('branch') ?? '' } } : {}),
      instances: config.instances.map((one) =>
        (given.get('worktree') ?? '').split(',').includes(one.id) ? { ...one, worktree: `own/${one.id}`, cwd: `w/${one.id}` } : one,
      ),
      policy: { ...config.policy, undoMs, coverageMinPercent: given.has('coverage') ? Number(given.get('coverage')) : null },
      verification: { ...config.verification, criteria },
    };
    this.state = initialState(told, 'session-shop-20261121', this.now);
  }

  #file(args: string[]): void {
    const config = args.length === 0 ? null : args.reduce(fileSays, this.state.coordinator.config);
    this.#says = config ?? this.#says;
    this.#happen({ type: 'config.changed', config, problems: config === null ? ['coordtui.yaml:3:5: checks is no list'] : [] });
  }

  /** `finish h-0001 unit=passed schema=failed:CRITICAL epoch=1 void` */
  #finish(args: string[]): void {
    const report = this.#report(args);
    this.#happen({ type: 'verification.finished', handoff: report.handoff, epoch: report.epoch, report });
  }

  #report([id = '', ...args]: string[]): RoundReport {
    const session = this.state.coordinator.debugging?.[id as DebugId];
    const debugged = session && { id: id as HandoffId, epoch: session.rounds.length, base: null, terms: undefined };
    const handoff = this.state.coordinator.handoffs[id as HandoffId] ?? debugged;
    if (handoff === undefined) throw new Error(`transcript: no handoff ${id}`);
    const checks: CheckReport[] = [];
    let epoch = handoff.epoch;
    let extra: Partial<RoundReport> = {};
    let provides: string[] | null = null;
    const found: { gap?: string; unused?: string; bench?: string; coverage?: string } = {};
    for (const arg of args) {
      const [name = '', value = ''] = arg.split('=');
      if (name === 'epoch') epoch = Number(value);
      else if (name === 'void') extra = { ...extra, voided: true };
      else if (name === 'cancelled') extra = { ...extra, cancelled: true };
      else if (name === 'trouble') extra = { ...extra, trouble: value };
      else if (name === 'judge') extra = { ...extra, judgeTouched: [value] };
      else if (name === 'uncovered') extra = { ...extra, uncovered: [value] };
      else if (name === 'gap' || name === 'unused' || name === 'bench' || name === 'coverage') found[name] = value.replaceAll('"', '');
      else if (name === 'changed') extra = { ...extra, changed: [{ path: value, status: 'modified', added: 1, removed: 0 }] };
      else if (name === 'provides') provides = value.replaceAll('"', '').split('|');
      else
        checks.push(check([...this.state.coordinator.config.verification.checks, ...checksOfTerms(handoff.terms)], name as CheckId, value));
    }
    const report: RoundReport = {
      handoff: handoff.id,
      epoch,
      base: handoff.base,
      judged: { commit: 'c1', tree: `j${epoch}` },
      judgedAfter: { commit: 'c1', tree: `j${epoch}` },
      voided: false,
      cancelled: false,
      trouble: null,
      changed: [{ path: 'backend/orders.js', status: 'added', added: 12, removed: 0 }],
      judgeTouched: [],
      uncovered: [],
      checks: checks.map((one, index) => (index === 0 ? withFindings({ ...one, ...(provides === null ? {} : { provides }) }, found) : one)),
      startedAt: this.now,
      finishedAt: this.now,
      evidence: { path: `status/.coordtui/evidence/${handoff.id}/${epoch}`, sha256: 'e'.repeat(64) },
      ...extra,
    };
    return report;
  }

  /** `merge H1 conflict=a.ts,b.ts`, `merge H1 there`, `merge H1 trouble="…"`, else as in `finish`: how the merge was verified. */
  #merge([id = '', ...args]: string[]): void {
    const handoff = id as HandoffId;
    const epoch = this.state.coordinator.handoffs[handoff]?.epoch ?? 0;
    const [name = '', value = ''] = (args[0] ?? '').split('=');
    const found: Merging =
      name === 'there'
        ? { kind: 'there', commit: 'c9' }
        : name === 'conflict'
          ? { kind: 'conflict', files: value.split(',') }
          : name === 'trouble'
            ? { kind: 'trouble', why: value.replaceAll('"', '') }
            : { kind: 'judged', commit: `m${++this.#merges}`, onto: `b${this.#merges}`, report: this.#report([id, ...args]) };
    this.#happen({ type: 'integration.finished', handoff, epoch, found });
  }

  /** `moved H1`, `moved H1 stale`, `moved H1 at=/home/ann/shop`, `moved H1 trouble="…"` */
  #moved([id = '', how = 'moved']: string[]): void {
    const handoff = id as HandoffId;
    const [kind = '', value = ''] = how.split('=');
    const found: Branched =
      kind === 'at'
        ? { kind: 'checked-out', where: value, ref: `refs/coordtui/${id}` }
        : kind === 'trouble'
          ? { kind, why: value.replaceAll('"', '') }
          : { kind: kind === 'stale' ? 'stale' : 'moved' };
    this.#happen({ type: 'integration.moved', handoff, epoch: this.state.coordinator.handoffs[handoff]?.epoch ?? 0, found });
  }

  #exit(instance: InstanceId, how: string): void {
    const pid = this.state.coordinator.instances[instance]?.pid;
    if (pid == null) throw new Error(`transcript: ${instance} has no process`);
    const [kind, value = ''] = how.split('=');
    const exit = kind === 'signal' ? { exitCode: null, signal: value } : { exitCode: Number(value), signal: null };
    this.#happen({ type: 'pane.exited', instance, pid, ...exit });
  }

  #edit(args: string[]): void {
    const edits = args.map((arg) => {
      const at = arg.indexOf('=');
      return { path: arg.slice(0, at).split('/'), value: JSON.parse(arg.slice(at + 1)) as Json };
    });
    this.#happen({ type: 'status.edited', source: 'status', edits, refused: [] });
  }

  #explain(id: HandoffId): void {
    const { sentence, evidence } = explainHandoff(this.state, id, this.now);
    this.#lines.push(sentence, ...evidence.map((line) => `  ${line}`));
  }
}

/** `same`: what acts; an instance with a command is put there, with `none` taken away, with `@` it works elsewhere. */
function fileSays(config: Config, arg: string): Config {
  const [name = '', value = ''] = [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)];
  if (name === 'checks')
    return { ...config, verification: { ...config.verification, checks: storyConfig(value.split(','), 'act').verification.checks } };
  if (name === 'dial') return { ...config, autopilot: value as Dial };
  if (name === 'ui.mouse') return { ...config, ui: { ...config.ui, mouse: value === 'true' } };
  if (name === 'policy.staleAfterMs') return { ...config, policy: { ...config.policy, staleAfterMs: Number(value) } };
  if (!name.startsWith('instance-')) return config;
  const rest = config.instances.filter(({ id }) => id !== name);
  const like = config.instances.find(({ id }) => id === name) ?? config.instances[0];
  if (value === 'none' || like === undefined) return { ...config, instances: rest };
  const own = value.startsWith('@') ? { cwd: value.slice(1) } : { command: [value] };
  const put = { ...like, id: name as InstanceId, ...own };
  const known = config.instances.some(({ id }) => id === name);
  return { ...config, instances: known ? config.instances.map((one) => (one.id === name ? put : one)) : [...rest, put] };
}

function sayReply(reply: { ok: boolean; text?: string; code?: string; message?: string; hint?: string }): string {
  return reply.ok ? `ok: ${reply.text}` : `${reply.code}: ${reply.message} (${reply.hint})`;
}

function withFindings(
  report: CheckReport,
  { gap, unused, bench, coverage }: { gap?: string; unused?: string; bench?: string; coverage?: string },
): CheckReport {
  const violation = (type: string, severity: Violation['severity'], description: string): Violation => ({ type, severity, description });
  return {
    ...report,
    layer: gap === undefined && unused === undefined ? report.layer : 'ipc',
    violations: [
      ...report.violations,
      ...(gap === undefined ? [] : [violation('missing-handler', 'HIGH', gap)]),
      ...(unused === undefined ? [] : [violation('unused-handler', 'LOW', unused)]),
    ],
    coveragePercent: coverage === undefined ? report.coveragePercent : Number(coverage),
    benchmarks: bench === undefined ? [] : [{ name: 'p95', value: Number(bench), unit: 'ms', better: 'lower', target: 1_000 }],
  };
}

function check(from: readonly CheckSpec[], id: CheckId, how: string): CheckReport {
  const spec = from.find((one) => one.id === id);
  if (spec === undefined) throw new Error(`transcript: no check ${id}`);
  const [outcome = 'passed', severity] = how.split(':');
  const violations: Violation[] =
    severity === undefined
      ? []
      : [
          {
            type: 'fault',
            severity: severity as Violation['severity'],
            description: 'a planted fault',
            file: 'backend/orders.js',
            line: 7,
          },
        ];
  return {
    check: id,
    phase: spec.phase,
    layer: spec.layer,
    critical: spec.critical,
    command: spec.command,
    outcome: outcome as Outcome,
    reason:
      outcome === 'passed'
        ? 'exit 0'
        : outcome === 'failed'
          ? 'exit 1'
          : outcome === 'did-not-run'
            ? 'exit 127 (command not found)'
            : 'skipped (needs schema)',
    exitCode: outcome === 'passed' ? 0 : outcome === 'failed' ? 1 : null,
    signal: null,
    startedAt: START,
    durationMs: 1000,
    tests: null,
    violations,
    benchmarks: [],
    coveragePercent: null,
    disagrees: false,
    flaky: false,
    log: `${id}.log`,
    logSha256: 'f'.repeat(64),
  };
}

export function storyConfig(checks: readonly string[], dial: Dial): Config {
  const instance = (id: string, role: string, command: readonly string[] | null) => ({
    id: id as InstanceId,
    role,
    agent: 'shell',
    command,
    cwd: '.',
    env: {},
    files: [],
    restart: 'on-failure' as const,
  });
  return {
    instances: [
      instance('instance-1', 'backend', ['sh']),
      instance('instance-2', 'frontend', ['sh']),
      instance('instance-3', 'coordinator', null),
    ],
    autopilot: dial,
    policy: { ...DEFAULT_POLICY, undoMs: 0 },
    verification: {
      parallelism: 2,
      in: 'place',
      reuse: false,
      ignore: [],
      criteria: [],
      checks: checks.map((name) => ({
        id: name.replace('?', '') as CheckId,
        phase: name.startsWith('schema') ? 'pre' : 'integration',
        layer: 'service',
        command: `run ${name}`,
        cwd: '.',
        timeoutMs: 60_000,
        critical: !name.endsWith('?'),
        when: [],
        needs: [],
        notRunExitCodes: [],
        report: null,
      })),
    },
    ui: { leader: 'ctrl+]', scrollbackLines: 5000, mouse: true, keys: {}, clipboard: 'write', copyCommand: null, layout: 'columns' },
  };
}

function milliseconds(text: string): number {
  const match = /^(\d+)(s|m|h|d)!?$/.exec(text);
  if (match === null) throw new Error(`transcript: ${text} is no time`);
  return Number(match[1]) * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as 's' | 'm' | 'h' | 'd'];
}

/** Words, with "quoted ones" kept whole; quotes inside JSON values stay. */
function split(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"]+=)?"(?:[^"\\]|\\.)*"|\S+/g)].map(([word]) => (word.startsWith('"') ? word.slice(1, -1) : word));
}

function parseLine(words: string[]): { verb: string; args: Record<string, Json> } {
  const two = words.slice(0, 2).join(' ');
  const verb = findVerb(two) !== undefined ? two : (words[0] ?? '');
  const known = findVerb(verb);
  const args: Record<string, Json> = {};
  const positional: string[] = [];
  const rest = words.slice(verb.split(' ').length);
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? '';
    if (!word.startsWith('--')) positional.push(word);
    else {
      const flag = known?.flags.find((one) => `--${one.name}` === word);
      if (flag === undefined) throw new Error(`transcript: ${verb} has no ${word}`);
      const value = flag.value === undefined ? true : (rest[++index] ?? '');
      const before = args[flag.name];
      args[flag.name] = flag.repeatable ? [...(Array.isArray(before) ? before : []), value] : value;
    }
  }
  known?.args.forEach((arg, index) => {
    const value = positional[index];
    if (value !== undefined) args[arg.name] = value;
  });
  const cancel = args.cancel === true;
  return { verb: cancel ? 'verify cancel' : verb, args };
}
