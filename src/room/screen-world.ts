/** What all screens of a room look at: built once, from the parts that the room has put together. */
import { basename } from 'node:path';
import type { Coordinator } from '../coordinator/coordinator.ts';
import type { Config } from '../core/config.ts';
import type { Actor } from '../core/event.ts';
import type { InstanceId } from '../core/ids.ts';
import { narrate } from '../core/narrate.ts';
import type { Reply } from '../core/reply.ts';
import type { JsonObject } from '../core/tree.ts';
import { unseen } from '../core/unseen.ts';
import type { Trees } from '../git/trees.ts';
import { threadClock } from '../native/thread-clock.ts';
import type { PaneSet } from '../pane/pane-set.ts';
import { type ModeWatch, watchModes } from '../screen/pane-modes.ts';
import { bindKeys } from '../view/bind-keys.ts';
import { KEYMAP } from '../view/keymap.ts';
import { inPlainWords } from '../view/words.ts';
import type { Forecasts } from './forecast.ts';
import { openKeptLayout } from './kept-layout.ts';
import { followRounds } from './live.ts';
import type { Past } from './past.ts';
import type { Rounds } from './rounds.ts';
import type { ScreenWorld, TraceFrame } from './screen-types.ts';
import { createScreens, type Screens } from './screens.ts';
import { createLogPane, createSharedPane } from './shared-panes.ts';
import { createTexts } from './texts.ts';

export type ScreenWorldOptions = {
  readonly workspace: string;
  readonly evidenceDir: string;
  /** Where the layout of the screen is kept. */
  readonly screenFile: string;
  readonly config: Config;
  readonly coordinator: Coordinator;
  readonly panes: PaneSet;
  readonly rounds: Rounds;
  readonly trees: Trees;
  readonly forecasts: Pick<Forecasts, 'of' | 'all'>;
  readonly verb: (verb: string, args: JsonObject, actor: Actor) => Promise<Reply>;
  readonly log: (line: string) => void;
  /** What happened, and when an operator last looked. */
  readonly past: Pick<Past, 'timeline' | 'seen'>;
  /** Until then the coordinator knows what it knew when the room before this one ended. */
  readonly begun: Promise<void>;
  /** What was begun for it may go on: somebody has seen a frame, or nobody will before the room has begun. */
  readonly looked: () => void;
  readonly traceFrame: TraceFrame | undefined;
  /** A rehearsal: hints lead through it. */
  readonly guided: boolean;
};

export type RoomScreens = Screens & {
  /** Modes are watched from a program's first byte on: to be told of each start. */
  started(instance: InstanceId): void;
  /** A line of the room's own into the log that every screen shows. */
  note(line: string): void;
};

export function openScreens(options: ScreenWorldOptions): RoomScreens {
  const { workspace, config, coordinator, panes, rounds, trees, verb, log } = options;
  const bound = () => {
    const { keymap, problems } = bindKeys(KEYMAP, config.ui.keys, config.ui.leader);
    for (const problem of problems) {
      log(problem);
      note(problem);
    }
    return { ui: config.ui, keymap };
  };
  let keys: ReturnType<typeof bound> | null = null;
  const logPane = createLogPane(config.ui.scrollbackLines, config);
  const output = createSharedPane(config.ui.scrollbackLines);
  const layout = openKeptLayout(options.screenFile, config.ui.layout, (sentence) => note(sentence));
  const modes = new Map<InstanceId, ModeWatch>();
  const live = followRounds({
    coordinator,
    rounds,
    evidenceDir: options.evidenceDir,
    now: Date.now,
    changed: () => screens.changed(),
    print: (bytes) => output.print(bytes),
  });
  const processorMs = options.traceFrame === undefined ? () => 0 : threadClock();
  let seen = false;
  const former = unseen(coordinator.state(), Date.now());
  const world: ScreenWorld = {
    panes,
    paneModes: (instance) => modes.get(instance)?.modes() ?? null,
    log: logPane,
    output,
    get leader() {
      return config.ui.leader;
    },
    get keymap() {
      if (keys?.ui !== config.ui) keys = bound();
      return keys.keymap;
    },
    get mouse() {
      return config.ui.mouse;
    },
    layout,
    get clipboard() {
      return config.ui.clipboard;
    },
    get copyCommand() {
      return config.ui.copyCommand;
    },
    facts: () => ({
      state: seen ? coordinator.state() : former,
      live: live.current(),
      cycle: { nextAt: coordinator.nextCycleAt() },
      clients: screens.count(),
      trouble: coordinator.stalled(),
      workspaceName: basename(workspace),
      ahead: options.forecasts.all(),
    }),
    verb,
    text: createTexts({ workspace, coordinator, trees, forecasts: options.forecasts, past: options.past, now: Date.now }),
    look: () => void options.begun.then(() => coordinator.poke('operator')),
    now: Date.now,
    lastKey: { at: 0 },
    looks: options.past.seen.look,
    painting() {
      const { looked, traceFrame } = options;
      if (traceFrame === undefined) return looked;
      const begun = performance.now();
      const before = processorMs();
      return () => {
        traceFrame(performance.now() - begun, processorMs() - before);
        looked();
      };
    },
    guide: options.guided ? { done: new Set(), attached: 0 } : null,
  };
  // What its first frame shows is true before the room has begun, unless the config was changed while none ran.
  const same = JSON.stringify(coordinator.state().coordinator.config) === JSON.stringify(config);
  if (!same) options.looked();
  // Keys wait until what they are about has started; while nothing can be kept they are heard all the same.
  let heard: () => void = () => {};
  const firstStep = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const screens = createScreens(world, { toShow: same ? Promise.resolve() : options.begun, toHear: firstStep });
  const note = (line: string) => logPane.line(inPlainWords(line));
  keys = bound();
  const stop = coordinator.observe({
    changed(before, after) {
      seen = true;
      heard();
      for (const line of narrate(before, after, false)) note(line);
      screens.changed();
    },
    stalled: () => {
      heard();
      screens.changed();
    },
  });
  return {
    ...screens,
    note,
    started(instance) {
      const pane = panes.get(instance);
      if (pane === null) return;
      modes.get(instance)?.close();
      modes.set(instance, watchModes(pane.terminal));
    },
    close(message) {
      stop();
      live.close();
      screens.close(message);
      layout.close();
      for (const watch of modes.values()) watch.close();
      logPane.close();
      output.close();
    },
  };
}
