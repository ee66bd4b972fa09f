/** What the operator is told of where a session is, and of what becomes of it when it is closed. */
import type { SessionPlace } from './config.ts';

/** `kept`: it goes on without the room; `words` follow the instance's name. */
export type Closing = { readonly kept: boolean; readonly words: string };

/** @param adopted the session of the user's own tmux that it is now */
export function closingOf(place: SessionPlace | undefined, adopted: string | undefined): Closing {
  if (adopted !== undefined) return { kept: true, words: `the tmux session ${adopted} is left, and goes on` };
  if (place?.kind === 'ssh' && place.tmux !== null)
    return { kept: true, words: `the tmux session ${place.tmux} on ${place.host} is left, and goes on` };
  if (place?.kind === 'tmux') return { kept: false, words: `its tmux session ${place.name} is ended, with all that runs in it` };
  return { kept: false, words: 'the session is ended' };
}

/** A word for titles; null: in a terminal of the room's own. */
export function placeWord(place: SessionPlace | undefined, adopted: string | undefined): string | null {
  if (adopted !== undefined) return `tmux:${adopted}`;
  if (place?.kind === 'tmux') return 'tmux';
  return place?.kind === 'ssh' ? place.host : null;
}
