/**
 * Places in a terminal's history that stay on what they were set on: while lines come in below, while the ring drops
 * lines above, and while a new width wraps everything anew. xterm's own markers lose their line in a reflow.
 */
import type { IBuffer, IDisposable, IMarker, Terminal } from '@xterm/headless';

/**
 * A cell, by its row from the oldest line kept. `gone`: it was dropped, and this is what is oldest now. On the alternate
 * screen, which has no history and wraps nothing, a spot stays where it was put.
 */
export type Spot = { row: number; col: number; gone: boolean; readonly on: IBuffer['type'] };

export type Spots = {
  place(row: number, col: number): Spot;
  free(spot: Spot): void;
  /** To be called after every feed: the ring may have dropped lines. */
  sync(): void;
  /** Everything that changes the terminal's size goes through here. */
  resized(resize: () => void): void;
  /** The same content is written anew; `where`: from rows above the end, before, to rows above the end, afterwards. */
  rewritten(write: () => void, where: (up: number) => number): void;
  close(): void;
};

/** Lines below the cursor's own are negative. `at`: cells from the beginning of the line, however it is wrapped. */
type Held = { readonly spot: Spot; readonly line: number; readonly at: number };

export function createSpots(terminal: Terminal): Spots {
  const spots = new Set<Spot>();
  // One marker tells how many lines the ring has dropped: it moves up with them.
  let marker: IMarker | undefined;
  let markedAt = 0;
  let held = false;
  let was: IBuffer['type'] = 'normal';

  const mark = (): void => {
    const { active } = terminal.buffer;
    marker?.dispose();
    // In the history, above every region that a program can scroll.
    markedAt = Math.max(0, active.baseY - 1);
    marker = spots.size === 0 ? undefined : terminal.registerMarker(markedAt - active.baseY - active.cursorY);
  };

  const loseAll = (): void => {
    for (const spot of spots) if (spot.on === 'normal') Object.assign(spot, { row: 0, col: 0, gone: true });
  };

  const drop = (lines: number): void => {
    for (const spot of spots) {
      if (spot.on === 'alternate') continue;
      spot.row -= lines;
      if (spot.row < 0) Object.assign(spot, { row: 0, col: 0, gone: true });
    }
  };

  const sync = (): void => {
    if (spots.size === 0 || held || terminal.buffer.active.type === 'alternate') return;
    if (marker === undefined) mark();
    else if (marker.isDisposed) {
      // More went by at once than stood above it: nobody knows how much more.
      loseAll();
      mark();
    } else if (marker.line !== markedAt) {
      drop(markedAt - marker.line);
      markedAt = marker.line;
      if (markedAt < terminal.buffer.active.baseY / 2) mark();
    }
  };

  const hooks: IDisposable[] = [
    terminal.buffer.onBufferChange(({ type }) => {
      // From the normal screen to the normal screen: a reset, with a new and empty buffer.
      if (type === 'normal' && was === 'normal') {
        loseAll();
        marker = undefined;
      }
      was = type;
    }),
    // ED 3: the history goes, the screen stays.
    terminal.parser.registerCsiHandler({ final: 'J' }, ([what]) => {
      if (what === 3 && spots.size > 0 && !held && terminal.buffer.active.type === 'normal') {
        sync();
        drop(terminal.buffer.normal.baseY);
        marker?.dispose();
        marker = undefined;
      }
      return false;
    }),
  ];

  return {
    place(row, col) {
      sync();
      const isFirst = spots.size === 0;
      const spot: Spot = { row, col, gone: false, on: terminal.buffer.active.type };
      spots.add(spot);
      // While there was nothing to hold, nobody counted.
      if ((isFirst || marker === undefined) && terminal.buffer.active.type === 'normal') mark();
      return spot;
    },
    free(spot) {
      spots.delete(spot);
    },
    sync,
    resized(resize) {
      if (spots.size === 0 || held) return resize();
      sync();
      const places = hold(
        terminal.buffer.normal,
        [...spots].filter(({ on }) => on === 'normal'),
      );
      held = true;
      resize();
      held = false;
      release(terminal.buffer.normal, places);
      marker?.dispose();
      marker = undefined;
      sync();
    },
    rewritten(write, where) {
      if (spots.size === 0) return write();
      sync();
      const rows = [...spots].map((spot) => ({ spot, up: rowsWritten(terminal.buffer.normal) - spot.row }));
      held = true;
      write();
      held = false;
      const now = rowsWritten(terminal.buffer.normal);
      for (const { spot, up } of rows) Object.assign(spot, { row: Math.max(0, Math.min(now - where(up), now - 1)), col: 0 });
      marker?.dispose();
      marker = undefined;
      sync();
    },
    close() {
      for (const hook of hooks) hook.dispose();
      marker?.dispose();
      spots.clear();
    },
  };
}

function rowsWritten({ baseY, cursorY }: IBuffer): number {
  return baseY + cursorY + 1;
}

const isWrapped = (buffer: IBuffer, row: number): boolean => buffer.getLine(row)?.isWrapped === true;

/** By lines as the program wrote them, counted from the cursor's: the ring drops at the other end. */
function hold(buffer: IBuffer, spots: readonly Spot[]): Held[] {
  const lineAt = linesFromCursor(buffer);
  return spots.map((spot) => {
    const { line, first } = lineAt(spot.row);
    return { spot, line, at: (spot.row - first) * (buffer.getLine(0)?.length ?? 0) + spot.col };
  });
}

/** The number of a row's line, 0 for the cursor's own and rising towards the oldest, and the line's first row. */
function linesFromCursor(buffer: IBuffer): (row: number) => { readonly line: number; readonly first: number } {
  const numbers = new Int32Array(buffer.length);
  const firsts = new Int32Array(buffer.length);
  for (let row = 0, line = 0, first = 0; row < buffer.length; row++) {
    if (!isWrapped(buffer, row)) {
      line++;
      first = row;
    }
    numbers[row] = line;
    firsts[row] = first;
  }
  const cursor = numbers[Math.min(buffer.baseY + buffer.cursorY, buffer.length - 1)] ?? 0;
  return (row) => {
    const at = Math.max(0, Math.min(row, buffer.length - 1));
    return { line: cursor - (numbers[at] ?? 0), first: firsts[at] ?? 0 };
  };
}

function release(buffer: IBuffer, places: readonly Held[]): void {
  const lineAt = linesFromCursor(buffer);
  const cols = buffer.getLine(0)?.length ?? 1;
  const firsts = new Map<number, number>();
  for (let row = buffer.length - 1; row >= 0; row--) {
    const { line, first } = lineAt(row);
    if (first === row) firsts.set(line, row);
  }
  const oldest = lineAt(0).line;
  for (const { spot, line, at } of places) {
    const first = firsts.get(line);
    if (first === undefined) Object.assign(spot, line > oldest ? { row: 0, col: 0, gone: true } : { row: buffer.length - 1, col: 0 });
    else {
      let row = first;
      let rest = at;
      while (rest >= cols && isWrapped(buffer, row + 1)) {
        row++;
        rest -= cols;
      }
      Object.assign(spot, { row, col: Math.min(rest, cols - 1) });
    }
  }
}
