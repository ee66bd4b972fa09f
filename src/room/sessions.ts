/** The sessions of a room, in its own terminals and elsewhere, put together as the coordinator wants them. */
import { join } from 'node:path';
import type { Config } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import type { Panes } from '../core/ports.ts';
import { createPaneSet, type PaneSet } from '../pane/pane-set.ts';
import { openPlaces, type Places } from '../pane/places.ts';
import { recordingsDir, type WorkspacePaths } from '../workspace/paths.ts';
import { openRecordings, type Recordings } from './recordings.ts';
import { writeShims } from './shims.ts';
import { sessionVariables } from './variables.ts';

export type SessionsOptions = {
  readonly config: Config;
  readonly paths: WorkspacePaths;
  readonly socketPath: string;
  readonly packageRoot: string;
  readonly log: (line: string) => void;
  readonly onAway: (instance: InstanceId) => void;
  /** Asked before a session starts: a sentence keeps it from starting. */
  readonly ready: (instance: InstanceId) => Promise<string | null>;
};

export type Sessions = {
  readonly panes: PaneSet;
  readonly places: Places;
  readonly recordings: Recordings;
  /** @param onStarted a session has a new screen, nothing is written there yet */
  port(onStarted: (instance: InstanceId) => void): Pick<Panes, 'start' | 'stop'>;
};

export async function openSessions({ config, paths, socketPath, packageRoot, log, onAway, ready }: SessionsOptions): Promise<Sessions> {
  const { root, statusFile, sessionsFile } = paths;
  const shims = writeShims(paths, join(packageRoot, 'bin', 'coordtui.js'), process.env.PATH ?? '');
  const session = { root, packageRoot, statusFile, socket: socketPath, shims };
  const pathOf = (instance: InstanceId) => config.instances.find(({ id }) => id === instance)?.env.PATH ?? process.env.PATH;
  const panes = createPaneSet({
    get instances() {
      return config.instances;
    },
    root,
    env: (instance) => sessionVariables(session, instance, pathOf(instance) ?? '/usr/bin:/bin'),
    get scrollbackLines() {
      return config.ui.scrollbackLines;
    },
    sessionsFile,
    onTrouble: log,
    onAway,
  });
  const { surroundings } = panes;
  const places = await openPlaces({
    get instances() {
      return config.instances;
    },
    root,
    get scrollbackLines() {
      return config.ui.scrollbackLines;
    },
    surroundings,
    onNotice: log,
  });
  const recordings = openRecordings({ config, panes, folder: recordingsDir(root), log });
  return {
    panes,
    places,
    recordings,
    port: (onStarted) => ({
      async start(instance, resume = false, adopted = null) {
        const missing = adopted === null ? await ready(instance) : null;
        if (missing !== null) return { failed: missing };
        const way = await places.wayTo(instance, resume, adopted);
        if (way !== null && 'failed' in way) return way;
        const started = panes.start(instance, resume, way ?? undefined);
        if ('failed' in started) return started;
        recordings.started(instance);
        onStarted(instance);
        return way?.adopted == null ? started : { ...started, adopted: way.adopted };
      },
      async stop(instance) {
        await Promise.all([panes.stop(instance), places.end(instance)]);
      },
    }),
  };
}
