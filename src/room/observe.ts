/** What can be seen of the sessions from outside: screens, program status, children, commits. Facts only; what they mean the core says. */
import type { Config, InstanceConfig } from '../core/config.ts';
import type { InstanceId, Ms } from '../core/ids.ts';
import type { Asking, Commit, Observed } from '../core/vital-signs.ts';
import { watchHeads } from '../git/heads.ts';
import { allProcesses, cpuMs, descendantsOf, type ProcessInfo } from '../native/process.ts';
import type { Pane } from '../pane/pane.ts';
import type { PaneSet } from '../pane/pane-set.ts';
import { type ScreenSign, watchScreen } from '../pane/screen-sign.ts';

export type ObserverOptions = {
  readonly root: string;
  readonly config: Config;
  readonly panes: Pick<PaneSet, 'get' | 'subscribe'>;
  /** A clock that nobody sets. */
  readonly steady: () => Ms;
  /** Something that cannot wait for the next look. */
  readonly poke: () => void;
};

export type Observer = { look(): Promise<readonly Observed[]>; close(): Promise<void> };

type Watched = {
  readonly pane: Pane;
  readonly screen: ScreenSign;
  status: string;
  asking: Asking | null;
  signAt: Ms | null;
  works: boolean;
  beganAt: Ms | null;
};
type Load = { readonly at: Ms; readonly used: ReadonlyMap<number, number>; readonly busy: boolean };

/** Screens are compared no more often than this, however often the coordinator looks. */
const SCREEN_MS = 1_000;
const LOAD_MS = 10_000;
const COMMIT_MS = 5_000;

export function openObserver(options: ObserverOptions): Observer {
  const { root, config, panes, steady } = options;
  const heads = watchHeads(root, () => Math.max(config.policy.monitorIntervalMs, COMMIT_MS), steady);
  const watched = new Map<InstanceId, Watched>();
  const loads = new Map<InstanceId, Load>();
  const sessions = () => config.instances.filter(({ command }) => command !== null);
  let comparedAt = Number.NEGATIVE_INFINITY;
  let weighedAt = Number.NEGATIVE_INFINITY;

  const subscribed = new Map<InstanceId, () => void>();
  /** Who has come with another config is listened to as well; who has gone is forgotten. */
  const listen = (): void => {
    const now = new Set(sessions().map(({ id }) => id));
    for (const [id, stop] of subscribed) {
      if (now.has(id)) continue;
      stop();
      subscribed.delete(id);
      watched.get(id)?.screen.close();
      watched.delete(id);
      loads.delete(id);
    }
    for (const id of now) {
      if (subscribed.has(id)) continue;
      const heard = () => {
        const pane = panes.get(id);
        if (pane !== null && askingOf(pane) !== (watched.get(id)?.asking ?? null)) options.poke();
      };
      subscribed.set(id, panes.subscribe(id, heard));
    }
  };
  listen();

  const follow = (id: InstanceId): Watched | null => {
    const pane = panes.get(id);
    const before = watched.get(id);
    if (pane === null || before?.pane === pane) return before ?? null;
    before?.screen.close();
    const next: Watched = { pane, screen: watchScreen(pane.terminal), status: '', asking: null, signAt: null, works: false, beganAt: null };
    watched.set(id, next);
    return next;
  };

  const compare = (one: Watched, screens: boolean) => {
    if (one.pane.exit() !== null) return;
    const status = JSON.stringify(one.pane.programStatus());
    // The same report over and over is a spinner in other words.
    const reported = status !== one.status && one.status !== '';
    one.status = status;
    one.asking = askingOf(one.pane);
    const works = one.pane.programStatus().some(({ state }) => state === 'working');
    if (works && !one.works) one.beganAt = steady();
    one.works = works;
    if ((screens && one.screen.changed()) || reported) one.signAt = steady();
  };

  const weigh = (id: InstanceId, pid: number, processes: readonly ProcessInfo[]) => {
    const before = loads.get(id);
    const used = new Map(descendantsOf(pid, processes).map((child) => [child.pid, cpuMs(child.pid) ?? 0]));
    let spent = 0;
    for (const [child, ms] of used) spent += Math.max(0, ms - (before?.used.get(child) ?? 0));
    const passed = before === undefined ? 0 : steady() - before.at;
    const busy = passed > 0 && (100 * spent) / passed >= config.policy.busyCpuPercent;
    loads.set(id, { at: steady(), used, busy });
  };

  const commitOf = ({ id, cwd }: InstanceConfig): Commit | null => {
    const head = heads.of(cwd);
    if (head === null) return null;
    const shared = sessions().some((other) => other.id !== id && heads.of(other.cwd)?.top === head.top);
    return { hash: head.hash, authorAt: head.authorAt, shared };
  };

  return {
    async look() {
      listen();
      const { monitorIntervalMs } = config.policy;
      const now = steady();
      const screens = now - comparedAt >= Math.min(SCREEN_MS, monitorIntervalMs);
      if (screens) comparedAt = now;
      const weighs = now - weighedAt >= Math.min(LOAD_MS, monitorIntervalMs);
      const processes = weighs && [...watched.values()].some(({ pane }) => pane.exit() === null) ? allProcesses() : [];
      if (weighs) weighedAt = now;
      return sessions().map((instance): Observed => {
        const { id } = instance;
        const one = follow(id);
        if (one !== null) compare(one, screens);
        const runs = one !== null && one.pane.exit() === null;
        const away = runs ? (one.pane.away()?.why ?? null) : null;
        const beganAt = one?.beganAt ?? null;
        if (runs && processes.length > 0) weigh(id, one.pane.pid, processes);
        return {
          instance: id,
          signAgoMs: one === null || one.signAt === null ? null : steady() - one.signAt,
          busy: runs && loads.get(id)?.busy === true,
          asking: runs ? one.asking : null,
          commit: commitOf(instance),
          ...(beganAt === null ? {} : { beganMsAgo: steady() - beganAt }),
          ...(away === null ? {} : { away }),
        };
      });
    },
    async close() {
      for (const stop of subscribed.values()) stop();
      for (const { screen } of watched.values()) screen.close();
      watched.clear();
      await heads.close();
    },
  };
}

/** What the program itself says that it waits for (OSC 7501). */
function askingOf(pane: Pane): Asking | null {
  const blocked = pane.programStatus().find(({ state }) => state === 'blocked');
  return blocked === undefined ? null : (blocked.kind ?? 'question');
}
