/**
 * A thread that does nothing but look at the status file, so that no version is missed while the room draws or thinks.
 * It reads and hands on bytes; what they mean is not its business.
 */
import { lstatSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { workerData } from 'node:worker_threads';
import { createDrafts } from './drafts.ts';
import { readVersion, stampOf } from './eye.ts';
import { MAX_BYTES } from './limits.ts';
import { createTurn } from './turn.ts';
import { watchFolders } from './watch.ts';
import type { Sighting, WitnessData } from './witness.ts';

const { folder, file, port, memory } = workerData as WitnessData;

/** The room's thread holds the turn for an exchange at most; if it died in between, nobody waits for it. */
const PATIENCE_MS = 1_000;
/** On a busy machine that thread may be put aside in the middle of its turn. */
const AGAIN_MS = 1;
/** So much may wait to be heard; beyond it nothing is read until the room's thread has caught up. */
const MAX_UNHEARD = 128 * 1024 * 1024;
/** A version can be found both at its place and, a moment later, in a descriptor that was held. */
const TOLD_KEPT = 256;

const turn = createTurn(memory);
const drafts = createDrafts(file);
const told = new Set<string>();
let unheard = 0;
let waitingSince: number | null = null;
let again: NodeJS.Timeout | null = null;

port.on('message', (heard: number) => {
  unheard -= heard;
});

function tell({ stamp, bytes }: Sighting): void {
  if (told.has(stamp) || unheard + bytes.length > MAX_UNHEARD) return;
  told.add(stamp);
  const [oldest] = told;
  if (told.size > TOLD_KEPT && oldest !== undefined) told.delete(oldest);
  unheard += bytes.length;
  port.postMessage({ stamp, bytes } satisfies Sighting);
}

function look(): void {
  // Held before anything else is waited for: what lies there now may be replaced at any moment.
  drafts.hold(file);
  const mine = turn.take(0);
  const now = performance.now();
  // Not waited for in place: files that appear meanwhile must be held as soon as they do.
  if (!mine && now - (waitingSince ?? now) < PATIENCE_MS) {
    waitingSince ??= now;
    again ??= setTimeout(lookAgain, AGAIN_MS);
    return;
  }
  waitingSince = null;
  try {
    const there = current();
    for (const version of drafts.replaced()) tell(version);
    if (there !== null) tell(there);
  } catch (error) {
    // The room's thread meets the same trouble at its next look, and is the one to tell it.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  } finally {
    if (mine) turn.give();
  }
}

function lookAgain(): void {
  again = null;
  look();
}

function current(): Sighting | null {
  const stat = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size === 0n || stat.size > BigInt(MAX_BYTES)) return null;
  const stamp = stampOf(stat);
  if (told.has(stamp)) return null;
  const bytes = readVersion(file, stamp);
  return bytes instanceof Buffer ? { stamp, bytes } : null;
}

/** It sleeps nearly always, but when it wakes it is in a hurry. On Linux this concerns the thread alone, elsewhere the whole room. */
function hurryWhenAwake(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, constants.priority.PRIORITY_HIGH);
  } catch (error) {
    // Only who may raise priorities can.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

hurryWhenAwake();
const watch = watchFolders([dirname(folder), folder], look, drafts.hold);
port.on('close', () => {
  if (again !== null) clearTimeout(again);
  watch.close();
  drafts.close();
});
look();
