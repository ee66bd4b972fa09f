/**
 * How the operator has arranged his screen, for the next one and for the room after this one (decision 0015). It is no
 * fact about the work: what is wrong with the file is as if it were not there.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ARRANGEMENTS, type Arrangement } from '../core/config.ts';
import { parseInstanceId } from '../core/ids.ts';
import type { Shares } from '../view/arrange.ts';
import type { PaneId } from '../view/model.ts';
import type { Ui } from '../view/ui-state.ts';

export type Kept = Pick<Ui, 'arrangement' | 'shares' | 'hidden'>;

export type KeptLayout = {
  now(): Kept;
  /** Written a little later, once for many changes. */
  keep(next: Kept): void;
  close(): void;
};

const REST_MS = 300;
const MAX_BYTES = 64 * 1024;
const MAX_ENTRIES = 200;

export function openKeptLayout(file: string, first: Arrangement, onTrouble: (sentence: string) => void): KeptLayout {
  let kept: Kept = read(file, first);
  let timer: NodeJS.Timeout | null = null;
  const write = (): void => {
    timer = null;
    try {
      writeFileSync(`${file}.part`, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
      renameSync(`${file}.part`, file);
    } catch (error) {
      onTrouble(`the layout of the screen cannot be kept: ${(error as Error).message}`);
    }
  };
  return {
    now: () => kept,
    keep({ arrangement, shares, hidden }) {
      if (arrangement === kept.arrangement && shares === kept.shares && hidden === kept.hidden) return;
      kept = { arrangement, shares, hidden };
      timer ??= setTimeout(write, REST_MS);
    },
    close() {
      if (timer === null) return;
      clearTimeout(timer);
      write();
    },
  };
}

function read(file: string, first: Arrangement): Kept {
  try {
    const text = readFileSync(file, 'utf8');
    return parseKept(text.length > MAX_BYTES ? null : JSON.parse(text), first);
  } catch (error) {
    // Not there, or no JSON: the operator has not chosen yet.
    if ((error as NodeJS.ErrnoException).code === undefined && !(error instanceof SyntaxError)) throw error;
    return parseKept(null, first);
  }
}

/** Anything at all, and what is sound of it. */
function parseKept(value: unknown, first: Arrangement): Kept {
  const bag: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  const arrangement = ARRANGEMENTS.find((one) => one === bag.arrangement) ?? first;
  const shares = typeof bag.shares === 'object' && bag.shares !== null ? Object.entries(bag.shares) : [];
  const hidden = Array.isArray(bag.hidden) ? bag.hidden : [];
  return { arrangement, shares: sharesIn(shares), hidden: hidden.slice(0, MAX_ENTRIES).flatMap(paneIn) };
}

const PARTS = ['main', 'bottom', 'queue'];

function sharesIn(entries: readonly [string, unknown][]): Shares {
  const sound = entries.slice(0, MAX_ENTRIES).filter(([name, share]) => {
    const known = PARTS.includes(name) || paneIn(name).length > 0;
    return known && typeof share === 'number' && share > 0 && share < 100;
  });
  return Object.fromEntries(sound) as Shares;
}

function paneIn(value: unknown): PaneId[] {
  if (typeof value !== 'string') return [];
  if (value === 'log') return ['log'];
  const id = parseInstanceId(value);
  return id === null ? [] : [id];
}
