/**
 * Whether a screen shows that somebody works behind it. A spinner turns for ever, counts seconds and changes its words; it
 * does so in one or two rows that stay where they are. Everything else that changes is a sign of life (PROTOCOL section 7).
 */
import type { Terminal } from '@xterm/headless';

export type ScreenSign = {
  /** Whether something changed outside a spinner since the last time that it did. */
  changed(): boolean;
  close(): void;
};

/** Rows that may change in place without anything having happened: a spinner, and the hint below it. */
const SPINNER_ROWS = 2;

export function watchScreen(terminal: Terminal): ScreenSign {
  let scrolled = false;
  let resized = false;
  /** The screen at the last sign: what changes slowly adds up against it, what turns does not. */
  let known: readonly string[] | null = null;
  const scrolling = terminal.onScroll(() => {
    scrolled = true;
  });
  const resizing = terminal.onResize(() => {
    resized = true;
  });
  return {
    changed() {
      const rows = rowsOf(terminal);
      const before = known;
      const moved = scrolled;
      scrolled = false;
      if (before === null || resized || before.length !== rows.length) {
        // A window that was drawn anew because it is another size tells nothing about the program.
        const first = before === null && rows.some((row) => row !== '');
        known = before === null && !first ? null : rows;
        resized = false;
        return first;
      }
      if (!moved && rows.filter((row, index) => row !== before[index]).length <= SPINNER_ROWS) return false;
      known = rows;
      return true;
    },
    close() {
      scrolling.dispose();
      resizing.dispose();
    },
  };
}

/** Letters only: counters, clocks, bars and turning signs are no words. */
function rowsOf(terminal: Terminal): string[] {
  const buffer = terminal.buffer.active;
  return Array.from({ length: terminal.rows }, (_, index) => {
    const text = buffer.getLine(buffer.baseY + index)?.translateToString(true) ?? '';
    return text
      .replace(/\d[\d.,:]*\s?(?:ms|[smhk]|[kmg]?b)?\b/giu, '')
      .replace(/[^\p{L}]+/gu, ' ')
      .trim();
  });
}
