/** The files that an exchange brought back. The last few stay, since a slow writer may still hold one open. */
import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createEye, type Eye, type Stamp, stampOf } from './eye.ts';

export type Displaced = { readonly path: string; readonly stamp: Stamp | null };
export type SwapEntry = { readonly path: string; readonly eye: Eye };

/** `t-` is still being written, `p-` is complete and about to be published (then it holds what was displaced), `d-` was put aside without exchange. */
const NAME = /^([tpd])-([0-9]+)-([0-9]+)$/;
const KEPT = 8;

export function swapName(sort: 't' | 'p' | 'd', revision: number, count: number): string {
  return `${sort}-${revision}-${count}`;
}

export function createSwap(dir: string) {
  const eyes = new Map<string, Eye>();
  for (const name of ordered(dir)) {
    const path = join(dir, name);
    // Never published, so nobody can have written to it but we, half-way.
    if (name.startsWith('t-') && NAME.test(name) && lstatSync(path).isFile()) unlinkSync(path);
    else eyes.set(path, createEye(path));
  }
  return {
    entries: (): SwapEntry[] => [...eyes].map(([path, eye]) => ({ path, eye })),
    has: (path: string): boolean => eyes.has(path),
    /** `known`: the version in it that was reported before, if any. */
    add: (path: string, known: Stamp | null): void => {
      const eye = createEye(path);
      eye.know(known);
      eyes.set(path, eye);
    },
    /** Removes all but the last few, unless `kept` says that one is still needed or its content is news. */
    prune: (kept: (path: string) => boolean): void => {
      let surplus = eyes.size - KEPT;
      for (const [path, eye] of eyes) {
        if (surplus <= 0) return;
        const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
        if (stat !== undefined && (kept(path) || stampOf(stat) !== eye.stamp())) continue;
        surplus -= 1;
        eyes.delete(path);
        if (stat !== undefined) unlinkSync(path);
      }
    },
  };
}

/**
 * The highest revision that was ever about to be published, as the names in swap/ tell; 0 without any. It is
 * the proof, which no edit of the status file can forge by accident, of how far the journal once reached.
 */
export function highestPublished(dir: string): number {
  return readdirSync(dir).reduce((highest, name) => Math.max(highest, Number(NAME.exec(name)?.[2] ?? 0)), 0);
}

/** The highest count among the names in swap/: the next one goes on from it, whatever the clock says. */
export function highestCount(dir: string): number {
  return readdirSync(dir).reduce((highest, name) => Math.max(highest, Number(NAME.exec(name)?.[3] ?? 0)), 0);
}

/** Files that are not named by us first, then ours by revision. */
function ordered(dir: string): string[] {
  const place = (name: string): [number, number] => {
    const match = NAME.exec(name);
    return match === null ? [-1, 0] : [Number(match[2]), Number(match[3])];
  };
  return readdirSync(dir).sort((a, b) => {
    const [left, right] = [place(a), place(b)];
    return left[0] - right[0] || left[1] - right[1] || (a < b ? -1 : 1);
  });
}
