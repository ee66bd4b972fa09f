/**
 * What the config's schema cannot see, because it takes more than one value to see it. Works on the text's plain value and
 * not on the schema's result, so that one wrong key does not hide the cycle three lines below it.
 */
import { COORDINATOR_ID } from '../core/config.ts';
import { DEFAULT_POLICY } from '../core/policy.ts';
import { type KeyPath, shown } from './yaml-source.ts';

export type Fault = { readonly path: KeyPath; readonly message: string };

type Bag = Readonly<Record<string, unknown>>;

/** A section, or an empty one in place of anything else. */
export function bag(value: unknown): Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The faults that make the config unusable. */
export function crossFaults(config: unknown): Fault[] {
  const { instances, verification } = bag(config);
  const checks = list(bag(verification)['checks']).map(bag);
  return [
    ...instanceFaults(list(instances)),
    ...checkFaults(checks),
    ...criteriaFaults(list(bag(verification)['criteria']).map(bag), checks),
    ...orderFaults(bag(config)),
    ...places(bag(config)),
    ...gatheringFaults(bag(config)),
  ];
}

function instanceFaults(raw: readonly unknown[]): Fault[] {
  const instances = raw.map(bag);
  const faults = repeated(instances, 'instances', (id) => id);
  for (const [index, instance] of instances.entries()) {
    // Not a section at all: the schema has said so already.
    if (instance !== raw[index]) continue;
    const at = ['instances', index];
    const hasAgent = instance['agent'] !== undefined;
    const hasCommand = instance['command'] !== undefined;
    if (hasAgent && hasCommand)
      faults.push({ path: [...at, 'command'], message: 'stands beside "agent": one of the two starts the session' });
    if (!hasAgent && !hasCommand && instance['id'] !== COORDINATOR_ID)
      faults.push({ path: at, message: 'needs "agent" (a preset) or "command" (a list)' });
  }
  faults.push(...sharedSessions(instances));
  const isAlone = instances.length > 0 && instances.every(({ id }) => id === COORDINATOR_ID);
  if (isAlone) faults.push({ path: ['instances'], message: 'must name one instance at least besides the coordinator' });
  return faults;
}

/** Two instances in one session would be one. */
function sharedSessions(instances: readonly Bag[]): Fault[] {
  const first = new Map<string, number>();
  return instances.flatMap(({ session }, index) => {
    const { ssh, tmux } = bag(session);
    if (typeof tmux !== 'string') return [];
    const key = JSON.stringify([ssh ?? null, tmux]);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    return earlier === undefined ? [] : [{ path: ['instances', index, 'session'], message: `is the session of instances[${earlier}]` }];
  });
}

/** Ids become file names, and some file systems do not tell letters' case apart. */
function repeated(items: readonly Bag[], section: string, fold: (id: string) => string, prefix: KeyPath = []): Fault[] {
  const first = new Map<string, number>();
  return items.flatMap(({ id }, index) => {
    if (typeof id !== 'string') return [];
    const earlier = first.get(fold(id));
    if (earlier === undefined) first.set(fold(id), index);
    return earlier === undefined
      ? []
      : [{ path: [...prefix, section, index, 'id'], message: `"${shown(id)}" is taken by ${section}[${earlier}]` }];
  });
}

/** The branch of somebody's worktree is always checked out, and never moved below him. */
function gatheringFaults({ instances, integration }: Bag): Fault[] {
  const { branch } = bag(integration);
  const owner = list(instances).findIndex((one) => branch !== undefined && bag(one)['worktree'] === branch);
  return owner < 0 ? [] : [{ path: ['integration', 'branch'], message: `is the branch that instances[${owner}] works on` }];
}

function checkFaults(checks: readonly Bag[]): Fault[] {
  const faults = repeated(checks, 'checks', (id) => id.toLowerCase(), ['verification']);
  const byId = new Map(checks.map((check) => [check['id'], check]));
  for (const [index, check] of checks.entries()) {
    for (const [nth, need] of list(check['needs']).entries()) {
      const path = ['verification', 'checks', index, 'needs', nth];
      const needed = byId.get(need);
      if (needed === undefined) faults.push({ path, message: `names the check "${shown(String(need))}", which does not exist` });
      else if (check['phase'] === 'pre' && needed['phase'] !== 'pre')
        faults.push({ path, message: `a check of phase "pre" cannot wait for "${shown(String(need))}", which comes after that phase` });
    }
  }
  faults.push(...sharedReports(checks));
  const cycle = findCycle(checks);
  if (cycle !== null)
    faults.push({
      path: ['verification', 'checks', cycle.index, 'needs'],
      message: `waits for itself: ${cycle.ids.map((id) => shown(id)).join(' → ')}`,
    });
  return faults;
}

/** Side by side, one check would be judged by what the other has found. */
function sharedReports(checks: readonly Bag[]): Fault[] {
  const owners = new Map<unknown, unknown>();
  return checks.flatMap(({ id, report }, index) => {
    if (typeof report !== 'string') return [];
    const owner = owners.get(report);
    if (owner === undefined) owners.set(report, id);
    return owner === undefined
      ? []
      : [
          {
            path: ['verification', 'checks', index, 'report'],
            message: `is where the check "${shown(String(owner))}" leaves its own report`,
          },
        ];
  });
}

/** The first check, in the order of the text, that waits for itself, and the way round. */
function findCycle(checks: readonly Bag[]): { index: number; ids: string[] } | null {
  const needs = new Map(checks.map(({ id, needs }) => [id, list(needs).filter((need) => typeof need === 'string')]));
  for (const [index, { id }] of checks.entries()) {
    if (typeof id !== 'string') continue;
    const way = wayBack(id, needs);
    if (way !== null) return { index, ids: way };
  }
  return null;
}

/** Breadth first, so that the cycle shown is a shortest one. */
function wayBack(id: string, needs: ReadonlyMap<unknown, readonly string[]>): string[] | null {
  const ways = [[id]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of needs.get(way.at(-1)) ?? []) {
      if (next === id) return [...way, id];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return null;
}

function criteriaFaults(criteria: readonly Bag[], checks: readonly Bag[]): Fault[] {
  const known = new Set(checks.map(({ id }) => id));
  return criteria.flatMap(({ check }, index) =>
    typeof check !== 'string' || known.has(check)
      ? []
      : [{ path: ['verification', 'criteria', index, 'check'], message: `names the check "${shown(check)}", which does not exist` }],
  );
}

/** Pairs of which the first must be the smaller one (PROTOCOL sections 4, 7 and 8), with what stands for an absent one. */
const ORDERED: readonly (readonly [KeyPath, number, KeyPath, number])[] = [
  // What is not written follows the limit of staleness in proportion, so it is never out of order.
  [['policy', 'staleWarningMs'], 0, ['coordination', 'staleAfterMs'], DEFAULT_POLICY.staleAfterMs],
  [['coordination', 'staleAfterMs'], DEFAULT_POLICY.staleAfterMs, ['policy', 'recoveryUrgentMs'], Number.POSITIVE_INFINITY],
  [['policy', 'recoveryUrgentMs'], 0, ['policy', 'recoveryRestartMs'], Number.POSITIVE_INFINITY],
  [['policy', 'recoveryRestartMs'], 0, ['policy', 'recoveryMarkMs'], Number.POSITIVE_INFINITY],
  [['ack', 'timeoutMs'], DEFAULT_POLICY.ackReminderMs, ['ack', 'urgentAfterMs'], DEFAULT_POLICY.ackUrgentMs],
  [['ack', 'urgentAfterMs'], DEFAULT_POLICY.ackUrgentMs, ['ack', 'unresponsiveAfterMs'], DEFAULT_POLICY.ackUnresponsiveMs],
  [['policy', 'unclearPercent'], DEFAULT_POLICY.unclearPercent, ['policy', 'regressionPercent'], DEFAULT_POLICY.regressionPercent],
];

function orderFaults(config: Bag): Fault[] {
  const read = ([section, key]: KeyPath) => bag(config[String(section)])[String(key)];
  return ORDERED.flatMap(([lowPath, lowDefault, highPath, highDefault]) => {
    const low = read(lowPath) ?? lowDefault;
    const high = read(highPath) ?? highDefault;
    if (typeof low !== 'number' || typeof high !== 'number' || low < high) return [];
    const isLowWritten = read(lowPath) !== undefined;
    const [path, sentence] = isLowWritten
      ? [lowPath, `must be below ${highPath.join('.')}, which is ${high}`]
      : [highPath, `must be above ${lowPath.join('.')}, which is ${lowDefault}`];
    return [{ path, message: sentence }];
  });
}

/** What cannot be had at the same time, or needs a word more. */
function places(config: Bag): Fault[] {
  const faults: Fault[] = [];
  const first = new Map<unknown, number>();
  for (const [index, { session, worktree, cwd }] of list(config['instances']).map(bag).entries()) {
    const refuse = (message: string) => faults.push({ path: ['instances', index, 'worktree'], message });
    if (worktree !== undefined) {
      const earlier = first.get(worktree);
      if (earlier === undefined) first.set(worktree, index);
      else refuse(`is the branch of instances[${earlier}]: one branch stands in one worktree`);
      if (cwd !== undefined) refuse('stands beside "cwd": one of the two says where the instance works');
      if (bag(session)['ssh'] !== undefined) refuse('cannot be made on another machine: name a "directory" over there');
    }
    if (session === 'ssh') faults.push({ path: ['instances', index, 'session'], message: 'needs the host: { ssh: HOST }' });
  }
  return faults;
}

const WITHOUT_EFFECT: readonly (readonly [KeyPath, (value: unknown) => boolean])[] = [
  [['mailbox'], (value) => value === 'home'],
  [['notify', 'desktop'], (value) => value === true],
  [['notify', 'command'], (value) => Array.isArray(value)],
  [['notify', 'webhook'], (value) => typeof value === 'string'],
];

/** What is read and understood, and changes nothing yet: worth a line, not a refusal. */
export function crossNotices(config: unknown): Fault[] {
  const at = (path: KeyPath) => path.reduce((here: unknown, key) => bag(here)[String(key)], config);
  return WITHOUT_EFFECT.filter(([path, isSet]) => isSet(at(path))).map(([path]) => ({
    path,
    message: 'is understood and has no effect yet',
  }));
}
