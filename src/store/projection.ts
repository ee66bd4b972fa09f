/**
 * The status file: what the journal says, for everybody to read. lowdb's `Low` is its face; the adapter below
 * puts it on the disk, so that a reader meets the old file or the new one and what lay there is never destroyed.
 */
import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Adapter, Low } from 'lowdb';
import type { JsonObject } from '../core/tree.ts';
import { exchange } from '../native/exchange.ts';
import { type Stamp, stampOf } from './eye.ts';
import { ensureDir } from './inbox-drop.ts';
import type { Layout } from './layout.ts';
import { parseDocument } from './limits.ts';
import type { Quarantine } from './quarantine.ts';
import { type Displaced, highestCount, swapName } from './swap.ts';
import { syncFolder } from './sync-folder.ts';

export type ProjectionOptions = {
  readonly layout: Layout;
  readonly storeId: string;
  readonly quarantine: Quarantine;
  /** Has `replace` called at once, and hears from it what lay there before. */
  readonly publish: (own: Stamp, replace: () => Displaced | null) => void;
  /** How a file and what it shall replace change places; another for tests of the way without it. */
  readonly exchange?: typeof exchange;
};

/** A revision in the file that lags further than this costs a replay when somebody edits it. */
const MAX_LAG = 1_024;
const ATTEMPTS = 16;

export function createProjection(options: ProjectionOptions) {
  const { layout } = options;
  const swapPlaces = options.exchange ?? exchange;
  let count = highestCount(layout.swap);
  let ours: Stamp | null = null;
  let last: { readonly document: JsonObject; readonly revision: number } | null = null;

  const adapter: Adapter<JsonObject> = {
    read: async () => {
      const bytes = await readFile(layout.statusFile).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      });
      const parsed = bytes === null ? null : parseDocument(bytes);
      return parsed !== null && 'document' in parsed ? parsed.document : null;
    },
    write: async (document) => {
      const revision = Number(document['revision']);
      const ready = await prepare(revision, `${JSON.stringify(document, null, 2)}\n`);
      options.publish(ready.stamp, () => putInPlace(ready.path, revision));
      ours = ready.stamp;
      await syncFolder(layout.statusDir);
    },
  };
  const low = new Low<JsonObject>(adapter, {});

  /** A complete, synced file in swap/, under a name that tells its revision. */
  async function prepare(revision: number, text: string): Promise<{ path: string; stamp: Stamp }> {
    ensureDir(layout.swap);
    count += 1;
    const draft = join(layout.swap, swapName('t', revision, count));
    const file = await open(draft, 'wx', 0o644);
    let stamp: Stamp;
    try {
      await file.writeFile(text);
      await file.datasync();
      stamp = stampOf(await file.stat({ bigint: true }));
    } catch (error) {
      // A full disk is tried again and again: it must not fill with halves.
      unlinkSync(draft);
      throw error;
    } finally {
      await file.close();
    }
    const path = join(layout.swap, swapName('p', revision, count));
    renameSync(draft, path);
    return { path, stamp };
  }

  /** Answers where the file lies that was there before. Others may move theirs in at any instant, hence the loop. */
  function putInPlace(path: string, revision: number): Displaced | null {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const there = lstatSync(layout.statusFile, { throwIfNoEntry: false });
      if (there === undefined) {
        if (placeNew(path, layout.statusFile)) return placed(path);
        continue;
      }
      const answer = swapPlaces(path, layout.statusFile);
      if (answer === 'done') return placed(path);
      if (answer === 'absent') continue;
      if (!there.isFile()) {
        options.quarantine.move(layout.statusFile, 'it is not a file');
        continue;
      }
      const aside = join(layout.swap, swapName('d', revision, count));
      // Between these two lines a foreign rename is lost; that is why the exchange comes first.
      linkSync(layout.statusFile, aside);
      renameSync(path, layout.statusFile);
      return placed(aside);
    }
    throw Object.assign(new Error(`${layout.statusFile} is replaced faster than it can be written`), { code: 'EAGAIN' });
  }

  return {
    /** Does nothing when the file is ours and shows this document. Throws the system's errors. */
    write: async (document: JsonObject, revision: number): Promise<void> => {
      const there = lstatSync(layout.statusFile, { bigint: true, throwIfNoEntry: false });
      const untouched = there !== undefined && stampOf(there) === ours;
      if (untouched && last !== null && last.document === document && revision - last.revision < MAX_LAG) return;
      // The stamps come last, also if a field of the document has such a name.
      low.data = { ...document, revision, storeId: options.storeId };
      await low.write();
      last = { document, revision };
    },
  };
}

/** A link, not a rename: it never replaces, and the name in swap/ keeps telling the revision. */
function placeNew(path: string, target: string): boolean {
  try {
    linkSync(path, target);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'EMLINK') throw error;
    renameSync(path, target);
    return true;
  }
}

function placed(path: string): Displaced | null {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : { path, stamp: stampOf(stat) };
}
