import type { StoreErrorCode } from '../core/ports.ts';

/**
 * `conflict`: the log is not where the writer thought it was. `full`: there is no room, or no right to write, nothing was
 * applied, and later it may succeed. `unavailable`, `fenced`: this store takes nothing any more and has to be opened again.
 * `corrupt`: the journal on disk is damaged.
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

/** A folder that may not be written to now: like a full disk it is somebody's to mend, and nothing was begun. */
export function isBarred(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error));
}

/** World's errors become store errors; a broken invariant stays what it is. */
export function asStoreError(error: unknown, doing: string, why = (error as Error | null)?.message): unknown {
  if (error instanceof StoreError || (error as NodeJS.ErrnoException | null)?.code === undefined) return error;
  return new StoreError(isFull(error) || isBarred(error) ? 'full' : 'unavailable', `${doing}: ${why}`);
}

/** `EPERM: operation not permitted`, without the draft that it met this time: one trouble is told once, however often it is tried. */
export function withoutPlace(error: unknown): string {
  return (error as Error).message.replace(/, [a-z]+(?: '.*')?$/s, '');
}
