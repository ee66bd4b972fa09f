import { unlinkSync } from 'node:fs';

/** Takes a foreign file away whose record is durable. */
export function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Gone already, or not ours to remove: its id is known, so it does no harm where it is.
    if (code === undefined) throw error;
  }
}
