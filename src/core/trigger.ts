/**
 * P1's eight triggers for assignments (PROTOCOL section 6): what changed in the sources, what a round has found, what was
 * approved. One change makes one assignment, never two; how far it goes by itself is the dial's matter.
 */
import { create } from './assignment.ts';
import { compareBenchmarks } from './benchmark.ts';
import type { Config } from './config.ts';
import { isGap, isUnused } from './finding.ts';
import type { Priority } from './handoff.ts';
import type { InstanceId } from './ids.ts';
import { ask, OPTIONS } from './question.ts';
import { done, type Reply } from './reply.ts';
import type { RoundReport } from './report.ts';
import { putTriggers, ROUNDING_MS, SOURCE_KINDS, triggersOf } from './sources.ts';
import type { Handoff, Option } from './state.ts';
import { type Specialisation, specialisationOf, specialisationOfType } from './terms.ts';
import type { SourceKind } from './trigger-state.ts';
import { acted, alert, atWork, putHandoff, type Work } from './work.ts';

/** What a change of these files asks for. */
const BY_KIND: Readonly<Record<SourceKind, { readonly type: string; readonly words: string }>> = {
  schema: { type: 'database', words: 'the database schema changed' },
  contracts: { type: 'api', words: 'a contract changed' },
  responseTypes: { type: 'component', words: 'the type of a response changed' },
};
const FIRED_KEPT = 500;
const NAMED = 5;
/** Times the rest that is asked for. */
const RESTLESS = 10;
const BACKEND_LAYERS = new Set(['database', 'service', 'ipc', 'cache', 'performance', 'api']);

/** Last in the cycle: changes that have come to rest, and that nobody at work has probably made, become work. */
export function fireTriggers(work: Work): void {
  const { triggers: config } = work.coordinator.config;
  if (config === undefined || work.coordinator.emergency) return;
  const { handoffs: before } = work.coordinator;
  due(work);
  fireSources(work, config);
  // What has just been made is begun by the next cycle.
  if (work.coordinator.handoffs !== before) work.effects.push({ type: 'wake', at: work.at });
}

function fireSources(work: Work, config: NonNullable<Config['triggers']>): void {
  for (const kind of SOURCE_KINDS) {
    const { dirty, lastAt } = triggersOf(work);
    const own = dirty.filter((one) => one.kind === kind);
    const ages = own.map(({ since }) => work.awake - since);
    // A burst is one change, but what never comes to rest is not waited for without end.
    if (Math.min(...ages) < config.settleMs && Math.max(...ages, 0) < RESTLESS * config.settleMs) continue;
    const ripe = own.filter(({ owners }) => !isBeingMade(work, kind, owners));
    if (ripe.length === 0) continue;
    const { type, words } = BY_KIND[kind];
    const last = lastAt[kind];
    if (last !== undefined && work.awake - last < config.cooldownMs) continue;
    putTriggers(work, {
      dirty: triggersOf(work).dirty.filter((one) => !ripe.includes(one)),
      lastAt: { ...triggersOf(work).lastAt, [kind]: work.awake },
    });
    if (config.cooldownMs > 0) work.effects.push({ type: 'wake', at: work.at + config.cooldownMs + ROUNDING_MS });
    const paths = ripe.map(({ path }) => path);
    const key = `${kind}:${ripe
      .map(({ path, state }) => `${path} ${state}`)
      .sort()
      .join('|')}`;
    propose(work, { key, type, words, what: named(paths), priority: 'medium', except: null });
  }
}

/** Whoever is at work in these files is changing them; his round will tell. With no owner: the one who would get the work. */
function isBeingMade(work: Work, kind: SourceKind, owners: readonly InstanceId[]): boolean {
  const target = targetFor(work, specialisationOfType(BY_KIND[kind].type) ?? 'backend', null);
  return (owners.length > 0 ? owners : target === null ? [] : [target]).some((id) => atWork(work, id) !== undefined);
}

/** A round that was judged: gaps for the back end that another instance's work has laid open, and a slower back end. */
export function roundTriggers(work: Work, handoff: Handoff, report: RoundReport): void {
  if (work.coordinator.config.triggers === undefined) return;
  const { policy } = work.coordinator.config;
  const found = report.checks
    .filter(({ outcome }) => outcome !== 'failed-on-base')
    .flatMap(({ layer, violations }) => violations.map((one) => ({ layer, ...one })));
  const backendOwn = isOf(work, handoff.from, 'backend');
  const gaps = found.filter((one) => one.layer === 'ipc' && isGap(one, policy));
  // What the back end's own work lacks comes back to it with the denial.
  if (gaps.length > 0 && !backendOwn) {
    const texts = gaps.map(({ description }) => description);
    propose(work, {
      key: `ipc:${texts.toSorted().join('|')}`,
      type: 'ipc',
      words: 'the contracts have a gap',
      what: named(texts),
      priority: 'high',
      except: handoff.from,
    });
  }
  const slower = regressed(work, report);
  if (slower.length > 0 && !backendOwn)
    propose(work, {
      key: `service:${slower.toSorted().join('|')}`,
      type: 'service',
      words: 'the back end became slower',
      what: named(slower),
      priority: 'high',
      except: handoff.from,
    });
  const unused = found.filter((one) => isUnused(one, policy)).map(({ description }) => description);
  putTriggers(work, { unused: { ...triggersOf(work).unused, [handoff.id]: unused.slice(0, 50) } });
}

/** Benchmarks of the back end's layers that are worse than the last approved run's by more than the tolerance. */
function regressed(work: Work, report: RoundReport): string[] {
  const { baseline, config } = work.coordinator;
  const own = report.checks.filter(({ layer }) => BACKEND_LAYERS.has(layer));
  return compareBenchmarks(own, baseline?.benchmarks ?? [], config.policy)
    .filter(({ result }) => result === 'regression')
    .map(({ figure }) => figure);
}

/** The back end's work was approved: one assignment for the front end, for the most telling reason. */
export function approvalTriggers(work: Work, handoff: Handoff): void {
  if (work.coordinator.config.triggers === undefined || !isOf(work, handoff.from, 'backend')) return;
  const changed = new Set((handoff.rounds.at(-1)?.changed ?? []).map(({ path }) => path));
  const mine = triggersOf(work).dirty.filter(({ path }) => changed.has(path));
  const { [handoff.id]: unused = [], ...others } = triggersOf(work).unused;
  putTriggers(work, { dirty: triggersOf(work).dirty.filter(({ path }) => !changed.has(path)), unused: others });
  // Passed on by its own target: that is its integration.
  if (handoff.to !== handoff.verifier) return;
  const of = (kind: SourceKind) => mine.filter((one) => one.kind === kind).map(({ path }) => path);
  const [type, words, what] =
    unused.length > 0
      ? ['ui', 'something new has no caller yet', named(unused)]
      : of('contracts').length > 0
        ? ['hook', 'the interface changed', named(of('contracts'))]
        : of('responseTypes').length > 0
          ? ['component', 'the type of a response changed', named(of('responseTypes'))]
          : ['integration', 'work of the back end was approved', handoff.task.slice(0, 60)];
  propose(work, {
    key: `approved:${handoff.id}:${handoff.epoch}`,
    type,
    words,
    what: `${handoff.id}: ${what}`,
    priority: handoff.priority,
    except: handoff.from,
  });
}

type Change = {
  readonly key: string;
  readonly type: string;
  readonly words: string;
  readonly what: string;
  readonly priority: Priority;
  readonly except: InstanceId | null;
};

function propose(work: Work, { key, type, words, what, priority, except }: Change): void {
  const { fired } = triggersOf(work);
  if (fired[key] !== undefined) return;
  putTriggers(work, { fired: Object.fromEntries([...Object.entries(fired), [key, work.at] as const].slice(-FIRED_KEPT)) });
  const target = targetFor(work, specialisationOfType(type) ?? 'frontend', except);
  const { dial, paused } = work.coordinator.autopilot;
  const said = `${words} (${what})`;
  if (target === null || paused || dial === 'watch') {
    alert(work, {
      level: 'info',
      text: `${said}: ${target === null ? `nobody does work of the kind ${type}` : `work of the kind ${type} for ${target}`}`,
    });
    return;
  }
  const dueAt = dial === 'countdown' ? work.at + work.coordinator.config.policy.countdownMs : null;
  const made = create(work, {
    instance: target,
    to: null,
    task: `${words}: ${what}. See what it means for your part, and bring it in line.`,
    type,
    priority,
    depends: [],
    required: [],
    base: work.coordinator.instances[target]?.base ?? null,
    parent: null,
  });
  acted(work);
  alert(work, { level: 'info', text: `${said}: ${made.id} for ${target}${dial === 'act' ? '' : ' is proposed'}`, handoff: made.id });
  if (dial === 'act') return;
  if (dueAt !== null) work.effects.push({ type: 'wake', at: dueAt });
  ask(work, putHandoff(work, { ...made, proposal: { dueAt } }), {
    kind: 'proposal',
    context: `${said}: shall ${target} get work of the kind ${type}?${dueAt === null ? '' : ` It gets it in ${Math.round((dueAt - work.at) / 1000)} s unless you withdraw it`}`,
    reasons: [],
    options: [ACCEPT, OPTIONS.withdraw],
    recommendation: { key: 'accept', why: 'the change is there, and nobody has looked at what it means' },
  });
}

const ACCEPT: Option = { key: 'accept', label: 'assign it', consequence: 'it starts when the instance is free' };

/** A proposal whose time has come is assigned; a proposal that was made before the dial was turned back waits. */
function due(work: Work): void {
  const { dial, paused } = work.coordinator.autopilot;
  if (paused || dial === 'watch' || dial === 'suggest') return;
  for (const handoff of Object.values(work.coordinator.handoffs))
    if (handoff.closedAt === null && !handoff.held && handoff.proposal?.dueAt != null && handoff.proposal.dueAt <= work.at)
      accept(work, handoff);
}

export function accept(work: Work, handoff: Handoff): Reply {
  putHandoff(work, { ...handoff, proposal: null, question: null });
  return done(`${handoff.id} is assigned to ${handoff.from}`, { handoff: handoff.id });
}

function isOf(work: Work, id: InstanceId, kind: Specialisation): boolean {
  return specialisationOf(work.coordinator.instances[id]?.role ?? '') === kind;
}

/** Of this specialisation: who is free, else the first. */
function targetFor(work: Work, kind: Specialisation, except: InstanceId | null): InstanceId | null {
  const able = work.coordinator.config.instances.map(({ id }) => id).filter((id) => id !== except && isOf(work, id, kind));
  return able.find((id) => atWork(work, id) === undefined) ?? able[0] ?? null;
}

function named(items: readonly string[]): string {
  const rest = items.length - NAMED;
  return `${items.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
