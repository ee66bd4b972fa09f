/**
 * Tells when `coordtui.yaml` says something else than before. What it says then acts only when the operator lets it
 * (PROTOCOL section 5, row 10): that is the core's to hold.
 */
import { type FSWatcher, watch } from 'chokidar';
import type { Config } from '../core/config.ts';
import { type ConfigContext, problemLine } from './config.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';
import { workspacePaths } from './paths.ts';

/** `config` null: it has these problems. */
export type ConfigChange = { readonly config: Config | null; readonly problems: readonly string[] };

/** Watchers go deaf: the file is read again this often. */
const RESCAN_MS = 30_000;
/** Who writes it empties it first, or takes it away: what it says counts when it still says so after a while. */
const SETTLE_MS = 200;

/** @param text what the room was started with; null: there was no config */
export function watchConfig(
  root: string,
  context: ConfigContext,
  text: string | null,
  onChange: (change: ConfigChange) => void,
): { close(): Promise<void> } {
  let known = text;
  let faulty = false;
  let settling: NodeJS.Timeout | null = null;
  let closed = false;
  const take = (loaded: LoadedConfig) => {
    // A directory that it names may have come or gone while not a letter of it has changed.
    if (loaded.text === known && loaded.ok !== faulty) return;
    known = loaded.text;
    faulty = !loaded.ok;
    onChange(loaded.ok ? { config: loaded.config, problems: [] } : { config: null, problems: loaded.problems.map(problemLine) });
  };
  const look = () => {
    if (closed || settling !== null) return;
    const { text: first } = loadConfig(root, context);
    settling = setTimeout(() => {
      settling = null;
      const second = loadConfig(root, context);
      if (second.text === first) take(second);
      else look();
    }, SETTLE_MS);
  };
  const watcher: FSWatcher = watch(workspacePaths(root).config, { ignoreInitial: true });
  watcher.on('all', look);
  // What changed while it began to watch it has taken for what had been there.
  watcher.on('ready', look);
  // A watcher that fails leaves the rescan.
  watcher.on('error', () => {});
  const rescan = setInterval(look, RESCAN_MS);
  return {
    async close() {
      closed = true;
      clearInterval(rescan);
      if (settling !== null) clearTimeout(settling);
      await watcher.close();
    },
  };
}
