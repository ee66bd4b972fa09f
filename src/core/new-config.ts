/**
 * A changed `coordtui.yaml` while the room runs (PROTOCOL section 5, row 10): it waits for the operator, whole, with its
 * difference, and acts when he accepts it. What he has refused is not asked again until the file says something else.
 */
import type { Config } from './config.ts';
import { type ConfigChange, configDifference } from './config-difference.ts';
import type { Ms } from './ids.ts';
import { done, failure, type Reply } from './reply.ts';
import type { TreeRef } from './report.ts';
import { cannotTakeOver, takeOver } from './take-over-config.ts';
import { alert, draw, type Work } from './work.ts';

export type NewConfig = {
  readonly id: string;
  readonly at: Ms;
  readonly config: Config;
  readonly changes: readonly ConfigChange[];
  readonly refused?: { readonly at: Ms; readonly by: string };
};

const CHANGES_TOLD = 4;

/** @param config what the file says now; null: it has faults, and then it says nothing */
export function configSeen(work: Work, config: Config | null, problems: readonly string[]): void {
  const waiting = waitingConfig(work.coordinator);
  if (config === null) {
    const [first = 'it cannot be read'] = problems;
    drop(work, waiting);
    const faults = problems.length > 1 ? `${problems.length} faults` : 'a fault';
    alert(work, { level: 'warning', text: `coordtui.yaml was changed and has ${faults}, so what acted before acts on: ${first}` });
    return;
  }
  const { newConfig } = work.coordinator;
  if (newConfig !== undefined && configDifference(newConfig.config, config).length === 0) return;
  const changes = configDifference(work.coordinator.config, config);
  if (changes.length === 0) {
    put(work, undefined);
    if (waiting !== null) alert(work, { level: 'info', text: `coordtui.yaml says again what acts; ${waiting.id} is no longer asked` });
    return;
  }
  if (changes.every(({ consent }) => !consent)) {
    put(work, undefined);
    takeOver(work, config, null);
    alert(work, { level: 'info', text: `coordtui.yaml has changed, and acts: ${told(changes)}` });
    return;
  }
  askFor(work, config, changes, 'coordtui.yaml has changed');
}

/** What waits for the operator's word; null: nothing, or he has refused it. */
export function waitingConfig({ newConfig }: { readonly newConfig?: NewConfig }): NewConfig | null {
  return newConfig === undefined || newConfig.refused !== undefined ? null : newConfig;
}

/**
 * What acts when the room begins: what was accepted last. A change that was made while no room ran is asked like any other;
 * else it would be enough to end the room.
 */
export function configAtStart(work: Work, read: Config): Config {
  const { newConfig, instances } = work.coordinator;
  const accepted = withNewPolicy(work.coordinator.config, read);
  if (newConfig !== undefined && configDifference(newConfig.config, read).length === 0) return accepted;
  put(work, undefined);
  const changes = Object.keys(instances).length === 0 ? [] : configDifference(accepted, read);
  if (changes.every(({ consent }) => !consent)) return read;
  askFor(work, read, changes, 'coordtui.yaml was changed while no room ran');
  return accepted;
}

/** A number that the version before did not know yet is nobody's change. */
function withNewPolicy(accepted: Config, read: Config): Config {
  const policy = { ...read.policy, ...accepted.policy };
  return Object.keys(policy).length === Object.keys(accepted.policy).length ? accepted : { ...accepted, policy };
}

function askFor(work: Work, config: Config, changes: readonly ConfigChange[], what: string): void {
  const id = `c-${draw(work).slice(0, 6)}`;
  put(work, { id, at: work.at, config, changes });
  alert(work, {
    level: 'urgent',
    // What is to be done comes first: however long the difference is, it stays to be seen.
    text: `${what}; nothing of it acts before you accept it (coordtui config show, coordtui config accept ${id}): ${told(changes)}`,
  });
}

/** Bound to the difference that was on the screen (PROTOCOL section 2): by its id, since the file may change once more. */
export function decideConfig(work: Work, word: 'accept' | 'refuse', id: string | null, who: string, tree: TreeRef | null): Reply {
  const waiting = waitingConfig(work.coordinator);
  if (waiting === null) {
    const refused = work.coordinator.newConfig?.refused;
    const why = refused === undefined ? '' : `: the last one was refused by ${refused.by}`;
    return failure(
      'refused',
      `config ${word}: no change of coordtui.yaml waits for you${why}`,
      'change coordtui.yaml, or see: coordtui config show',
    );
  }
  if (id !== waiting.id) {
    const which = id === null ? 'which change is meant?' : `${id} is not what coordtui.yaml says now`;
    return failure('refused', `config ${word}: ${which}`, `it is: ${told(waiting.changes)}; coordtui config ${word} ${waiting.id}`);
  }
  if (word === 'refuse') {
    put(work, { ...waiting, refused: { at: work.at, by: who } });
    alert(work, { level: 'info', text: `the change ${id} of coordtui.yaml was refused by ${who}; what acted before acts on` });
    return done(`${id}: refused; what acted before acts on, and this content is not asked again`, { id, accepted: false });
  }
  const obstacle = cannotTakeOver(work, waiting.config);
  if (obstacle !== null) return obstacle;
  put(work, undefined);
  const later = takeOver(work, waiting.config, tree);
  alert(work, { level: 'info', text: `the change ${id} of coordtui.yaml acts, accepted by ${who}: ${told(waiting.changes)}` });
  return done([`${id}: it acts`, ...later].join('; '), { id, accepted: true, later });
}

/** For `config show` and the screen. */
export function newConfigLines(coordinator: { readonly newConfig?: NewConfig }): string[] {
  const { newConfig } = coordinator;
  if (newConfig === undefined) return ['coordtui.yaml says what acts'];
  const { id, changes, refused } = newConfig;
  const head =
    refused === undefined
      ? `${id}: coordtui.yaml has changed, and waits for you`
      : `${id}: coordtui.yaml has changed, and was refused by ${refused.by}`;
  const lines = changes.map(({ text }) => `  ${text}`);
  if (refused !== undefined) return [head, ...lines];
  return [head, ...lines, `to let it act: coordtui config accept ${id}`, `to keep what acts: coordtui config refuse ${id}`];
}

function put(work: Work, next: NewConfig | undefined): void {
  const { newConfig: _before, ...rest } = work.coordinator;
  work.coordinator = next === undefined ? rest : { ...rest, newConfig: next };
}

function drop(work: Work, waiting: NewConfig | null): void {
  if (waiting !== null) put(work, undefined);
}

function told(changes: readonly ConfigChange[]): string {
  const more = changes.length > CHANGES_TOLD ? [`and ${changes.length - CHANGES_TOLD} more`] : [];
  return [...changes.slice(0, CHANGES_TOLD).map(({ text }) => text), ...more].join('; ');
}
