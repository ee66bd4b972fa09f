/** Carries out an init plan: new files never replace one that has appeared meanwhile, updates never one that has changed. */
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { InitPlan, PlannedFile } from './init.ts';
import { readRegularFile } from './regular-file.ts';

export type Applied =
  | { readonly path: string; readonly action: 'created' | 'updated' }
  | { readonly path: string; readonly action: 'failed'; readonly why: string };

/** @param root the workspace's real path. Every file is tried; what failed is said and not half-written. */
export function applyPlan(root: string, plan: InitPlan): Applied[] {
  return plan.write.map((file) => {
    try {
      const why = write(root, file);
      if (why !== null) return { path: file.path, action: 'failed', why };
      return { path: file.path, action: file.action === 'create' ? 'created' : 'updated' };
    } catch (error) {
      return { path: file.path, action: 'failed', why: error instanceof Error ? error.message : String(error) };
    }
  });
}

function write(root: string, file: PlannedFile): string | null {
  const target = join(root, file.path);
  mkdirSync(dirname(target), { recursive: true });
  const folder = realpathSync(dirname(target));
  if (folder !== root && !folder.startsWith(root + sep)) return `${dirname(file.path)} leads out of the workspace`;
  return file.action === 'create' ? placeNew(target, file) : replace(target, file);
}

function placeNew(target: string, file: PlannedFile): string | null {
  try {
    writeFileSync(target, file.text, { flag: 'wx', mode: file.mode });
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return 'has appeared meanwhile, left as it is';
    throw error;
  }
}

function replace(target: string, file: PlannedFile): string | null {
  const now = readRegularFile(target, 16_777_216);
  const isLink = lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink || now.kind !== 'text' || now.text !== file.before) return 'has changed meanwhile, left as it is';
  const draft = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(draft, file.text, { flag: 'wx' });
    chmodSync(draft, file.mode);
    renameSync(draft, target);
    return null;
  } finally {
    rmSync(draft, { force: true });
  }
}
