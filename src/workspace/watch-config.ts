/**
 * Tells when `coordtui.yaml` says something else than what the room runs with. A changed config acts only when
 * the operator lets it (PROTOCOL section 5, row 10): for now that is the next start of the room.
 */
import { type FSWatcher, watch } from 'chokidar';
import { type ConfigContext, problemLine } from './config.ts';
import { loadConfig } from './load-config.ts';
import { workspacePaths } from './paths.ts';

export type ConfigChange = { readonly text: string | null; readonly problems: readonly string[] };

/** @param text what the room was started with; null: there was no config */
export function watchConfig(
  root: string,
  context: ConfigContext,
  text: string | null,
  onChange: (change: ConfigChange) => void,
): { close(): Promise<void> } {
  let known = text;
  const look = () => {
    const loaded = loadConfig(root, context);
    if (loaded.text === known) return;
    known = loaded.text;
    onChange({ text: loaded.text, problems: loaded.ok ? [] : loaded.problems.map(problemLine) });
  };
  const watcher: FSWatcher = watch(workspacePaths(root).config, { ignoreInitial: true, awaitWriteFinish: { stabilityThreshold: 200 } });
  watcher.on('all', look);
  // A watcher that fails is no reason to end a room: the file is read again at every start.
  watcher.on('error', () => {});
  return { close: () => watcher.close() };
}
