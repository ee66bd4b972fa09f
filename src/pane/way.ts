/** How a session is reached: what runs in its terminal, and what the end of that means. */
import type { PaneExit } from '../core/ports.ts';

/** `lost`: the session goes on, or may go on, elsewhere; it is reached again after a while. */
export type LineEnd = { readonly over: PaneExit } | { readonly lost: string };

export type Way = {
  /** What runs in the room's own terminal. */
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What stood there before this room: shown above, to be scrolled back to. */
  readonly before: readonly string[];
  /** The session is this one of the user's own tmux; null: it is the instance's. */
  readonly adopted: string | null;
  /** The command has ended: asked before anybody is told so. */
  ended(exit: PaneExit): Promise<LineEnd>;
  /** The first byte has come: the far side is reached. */
  reached(): void;
  /** Looks now and then whether the far side has ended without a word. */
  readonly look?: () => void;
};
