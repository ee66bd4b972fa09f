import type { StoreErrorCode } from '../core/ports.ts';

/**
 * `conflict`: the log is not where the writer thought it was. `full`: the disk is full, nothing was applied, a later append may succeed. `unavailable`, `fenced`: this store
 * takes nothing any more and has to be opened again. `corrupt`: the journal on disk is damaged.
 */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
  }
}

/** The system's word for what went wrong; ours when there is none. */
function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? 'unknown';
}

export function isFull(error: unknown): boolean {
  return errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT';
}

/** World's errors become store errors; a broken invariant stays what it is. */
export function asStoreError(error: unknown, doing: string): unknown {
  if (error instanceof StoreError || (error as NodeJS.ErrnoException | null)?.code === undefined) return error;
  return new StoreError(isFull(error) ? 'full' : 'unavailable', `${doing}: ${(error as Error).message}`);
}
