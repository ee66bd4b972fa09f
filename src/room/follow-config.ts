/** The config's file and the files that it has watched, followed while the room runs: another config watches others. */
import type { Coordinator, Happening } from '../coordinator/coordinator.ts';
import type { Config } from '../core/config.ts';
import { watchConfig } from '../workspace/watch-config.ts';
import { type SourceWatch, watchSources } from '../workspace/watch-sources.ts';

export type FollowOptions = {
  readonly root: string;
  readonly coordinator: Coordinator;
  /** What the file said when the room was started; null: there was none. */
  readonly text: string | null;
  /** Once the room has begun. */
  readonly tell: (happening: Happening) => void;
  readonly log: (line: string) => void;
};

export function followConfig({ root, coordinator, text, tell, log }: FollowOptions): { close(): Promise<void> } {
  const acting = (): Config => coordinator.state().coordinator.config;
  const ending = new Set<Promise<void>>();
  let watched = watchedBy(acting());
  let sources: SourceWatch | null = null;

  const begin = (): void => {
    sources = watchSources({ root, config: acting(), log, onSeen: (files) => tell({ type: 'sources.seen', files }) });
  };
  const stop = coordinator.observe({
    changed() {
      const now = watchedBy(acting());
      if (now === watched) return;
      watched = now;
      const ended: Promise<void> = (sources?.close() ?? Promise.resolve()).finally(() => ending.delete(ended));
      ending.add(ended);
      begin();
    },
  });
  const file = watchConfig(root, { shell: process.env.SHELL }, text, (change) => tell({ type: 'config.changed', ...change }));
  begin();
  return {
    async close() {
      stop();
      await file.close();
      await sources?.close();
      await Promise.all(ending);
    },
  };
}

const known = new WeakMap<Config, string>();

/** Globs and territories; a config is never changed, only replaced, so what was said of one stays true of it. */
function watchedBy(config: Config): string {
  const before = known.get(config);
  if (before !== undefined) return before;
  const { triggers } = config;
  const globs = triggers === undefined ? null : [triggers.schema, triggers.contracts, triggers.responseTypes];
  const now = JSON.stringify([globs, globs === null ? [] : config.instances.map(({ id, files }) => [id, files])]);
  known.set(config, now);
  return now;
}
