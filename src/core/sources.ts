/** What has changed in the sources that triggers are about, until it is somebody's work (PROTOCOL section 6). */
import type { SourceKind, Triggers, WatchedFile } from './trigger-state.ts';
import type { Work } from './work.ts';

/** In the order in which a file that is of two kinds is taken. */
export const SOURCE_KINDS: readonly SourceKind[] = ['schema', 'contracts', 'responseTypes'];
/**
 * What ages by the time awake is waked for by the wall's clock, and each of them rounds: a wake that came a millisecond
 * early would find nothing due, and the next cycle may be far.
 */
export const ROUNDING_MS = 20;
const NO_TRIGGERS: Triggers = { files: null, dirty: [], fired: {}, lastAt: {}, unused: {} };

export function triggersOf(work: Work): Triggers {
  return work.coordinator.triggers ?? NO_TRIGGERS;
}

export function putTriggers(work: Work, change: Partial<Triggers>): void {
  work.coordinator = { ...work.coordinator, triggers: { ...triggersOf(work), ...change } };
}

/** The files as they are now, all of them: the first look only learns what was there. */
export function takeSources(work: Work, seen: readonly WatchedFile[]): void {
  const { files: before, dirty } = triggersOf(work);
  const files = Object.fromEntries(seen.map(({ path, hash, kinds }) => [path, `${kinds.join('+')} ${hash}`]));
  if (before === null) {
    putTriggers(work, { files });
    return;
  }
  const owners = new Map(seen.map((file) => [file.path, file.owners]));
  const changed = [...new Set([...Object.keys(before), ...Object.keys(files)])].filter((path) => before[path] !== files[path]);
  if (changed.length === 0) return;
  const fresh = changed.flatMap((path) => {
    const kind = kindOf(files[path] ?? before[path] ?? '');
    return kind === null ? [] : [{ path, kind, state: files[path] ?? 'gone', owners: owners.get(path) ?? [], since: work.awake }];
  });
  putTriggers(work, { files, dirty: [...dirty.filter(({ path }) => !changed.includes(path)), ...fresh] });
  const { triggers: config } = work.coordinator.config;
  if (config !== undefined && fresh.length > 0) work.effects.push({ type: 'wake', at: work.at + config.settleMs + ROUNDING_MS });
}

function kindOf(state: string): SourceKind | null {
  const kinds = (state.split(' ')[0] ?? '').split('+');
  return SOURCE_KINDS.find((kind) => kinds.includes(kind)) ?? null;
}
