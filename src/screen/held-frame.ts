/**
 * A program that draws a frame of its own (mode 2026) is shown as it was before, until the frame is whole or has taken
 * too long. What is on the screen when a frame begins is kept, at most every few milliseconds: a program that begins
 * one after the other is seen to move, and one that only begins them costs next to nothing.
 */
import type { Terminal } from '@xterm/headless';
import type { Viewport } from './blit.ts';
import { createGrid, type Grid } from './grid.ts';

/** Longer than this a frame is not waited for. */
const PATIENCE_MS = 150;
const KEPT_EVERY_MS = 8;

export type HeldFrame = { readonly grid: Grid; readonly cursor: { readonly x: number; readonly y: number } };
type Draw = (grid: Grid, terminal: Terminal, viewport: Viewport) => HeldFrame['cursor'];
type Keeper = { frame(viewport: Viewport): HeldFrame | null };

const keepers = new WeakMap<Terminal, Keeper>();

/** What is to be shown instead of the terminal's screen; null when that is whole. */
export function heldFrame(terminal: Terminal, viewport: Viewport): HeldFrame | null {
  return keepers.get(terminal)?.frame(viewport) ?? null;
}

/** From now on, until the stop is called. `draw` draws the screen as it is. */
export function keepFrames(terminal: Terminal, draw: Draw, clock: () => number = () => performance.now()): () => void {
  let kept: HeldFrame | null = null;
  let keptAt = Number.NEGATIVE_INFINITY;
  let begunAt = 0;
  let seenBy: Viewport = { scrolledBack: 0 };

  const hook = terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, (parameters) => {
    if (!parameters.includes(2026) || terminal.modes.synchronizedOutputMode) return false;
    begunAt = clock();
    const fits = kept?.grid.cols === terminal.cols && kept.grid.rows === terminal.rows;
    if (fits && begunAt - keptAt < KEPT_EVERY_MS) return false;
    const grid = fits && kept !== null ? kept.grid : createGrid(terminal.cols, terminal.rows);
    kept = { grid, cursor: draw(grid, terminal, seenBy) };
    keptAt = begunAt;
    return false;
  });

  keepers.set(terminal, {
    frame(viewport) {
      seenBy = viewport;
      if (kept === null || !terminal.modes.synchronizedOutputMode || clock() - begunAt >= PATIENCE_MS) return null;
      return kept.grid.cols === terminal.cols && kept.grid.rows === terminal.rows ? kept : null;
    },
  });
  return () => {
    hook.dispose();
    keepers.delete(terminal);
  };
}
