/** store.json: which store this is. The journal's snapshots say it too, and they count. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { syncDir } from './inbox-drop.ts';
import type { Layout } from './layout.ts';

/** 1: without seals. 2: a snapshot vouches for the segment before it, and the oldest segments may be gone. */
export const FORMAT = 2;
const OLDER = [1];

/** null: there is no readable one. */
export function readIdentity(layout: Layout): { readonly format: number; readonly storeId: string } | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(layout.storeFile, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return null;
    const { format, storeId } = parsed as Record<string, unknown>;
    return typeof format === 'number' && typeof storeId === 'string' && /^[0-9a-f]{16}$/.test(storeId) ? { format, storeId } : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function isKnownFormat(format: number): boolean {
  return format === FORMAT || OLDER.includes(format);
}

export function drawStoreId(): string {
  return randomBytes(8).toString('hex');
}

export function writeIdentity(layout: Layout, storeId: string): void {
  const draft = `${layout.storeFile}.new`;
  writeFileSync(draft, `${JSON.stringify({ format: FORMAT, storeId, created: new Date().toISOString() })}\n`, { mode: 0o600, flush: true });
  renameSync(draft, layout.storeFile);
  syncDir(layout.privateDir);
}
