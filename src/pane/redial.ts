/** The line to a session that is elsewhere: when it breaks it is made again, later each time, and not for ever. */
import type { Ms } from '../core/ids.ts';
import type { PaneExit } from '../core/ports.ts';
import { type Pty, type PtyOptions, spawnPty } from './pty.ts';
import type { Way } from './way.ts';

/** `nextAt` null: a try is under way. */
export type Away = { readonly why: string; readonly nextAt: Ms | null };

export type Redialled = Pty & {
  away(): Away | null;
  /** Tries no more; what runs is ended by whoever calls. */
  giveUp(): void;
};

export type RedialOptions = Omit<PtyOptions, 'command' | 'cwd' | 'env'> & {
  readonly way: Way;
  now(): Ms;
  /** Ends what is left of the last try; no other is made before. */
  swept(pid: number): Promise<void>;
  /** A new process has the terminal. */
  onDial(pid: number): void;
  onAway(): void;
};

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** About an hour and a half, with the waits above. */
const TRIES_AT_MOST = 100;
/** A line that held as long as this begins to count anew when it breaks. */
const HELD_MS = 10_000;
/** How often it is looked whether the far side has ended without a word. */
const LOOK_MS = 2_000;
const ENTER = 0x0d;

/** Modes and the other screen, as a far program leaves them when its line breaks in the midst. */
const LEFT_BEHIND = '\x1b[?1049l\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2026l\x1b[?25h\x1b[0m';

export function openRedialled(options: RedialOptions): Redialled | { readonly failed: string } {
  const { way, now } = options;
  let { cols, rows } = options;
  let away: Away | null = null;
  let tries = 0;
  let dialledAt = now();
  let spoken = false;
  let over = false;
  let timer: NodeJS.Timeout | null = null;

  const say = (text: string): void => options.onData(Buffer.from(`${LEFT_BEHIND}\r\n── ${text} ──\r\n`));

  const end = (exit: PaneExit): void => {
    if (looking !== null) clearInterval(looking);
    over = true;
    away = null;
    options.onExit(exit);
  };

  const dial = (): ReturnType<typeof spawnPty> => {
    dialledAt = now();
    spoken = false;
    return spawnPty({
      ...options,
      ...way,
      cols,
      rows,
      onData(bytes) {
        if (!spoken) {
          spoken = true;
          away = null;
          way.reached();
          options.onAway();
        }
        options.onData(bytes);
      },
      onExit: (exit) => void broke(exit),
    });
  };

  const broke = async (exit: PaneExit): Promise<void> => {
    if (over) return end(exit);
    const what = await way.ended(exit);
    if (over || 'over' in what) return end('over' in what ? what.over : exit);
    tries = now() - dialledAt >= HELD_MS ? 1 : tries + 1;
    if (tries > TRIES_AT_MOST) {
      say(`${what.lost}; given up after ${TRIES_AT_MOST} tries`);
      return end(exit);
    }
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
    away = { why: what.lost, nextAt: now() + waitMs };
    say(`away: ${what.lost}; next try in ${waitMs / 1000} s`);
    options.onAway();
    await options.swept(line.pid);
    // Given up in between: whoever did that waits for the end.
    if (over) return end(exit);
    timer = setTimeout(again, Math.max(0, away.nextAt === null ? 0 : away.nextAt - now()));
  };

  const again = (): void => {
    timer = null;
    away = { why: away?.why ?? '', nextAt: null };
    const next = dial();
    if ('failed' in next) {
      say(next.failed);
      end({ exitCode: 127, signal: null });
      return;
    }
    line = next;
    options.onDial(line.pid);
    options.onAway();
  };

  const begun = dial();
  if ('failed' in begun) return begun;
  let line: Pty = begun;
  const looking = way.look === undefined ? null : setInterval(way.look, LOOK_MS);

  return {
    get pid() {
      return line.pid;
    },
    away: () => away,
    write(bytes) {
      if (away === null || away.nextAt === null) return line.write(bytes);
      // Nobody is there; enter means "try now".
      if (timer !== null && bytes.includes(ENTER)) {
        clearTimeout(timer);
        again();
      }
      return true;
    },
    interrupt: () => (away === null ? line.interrupt() : false),
    backlogBytes: () => line.backlogBytes(),
    hold: () => line.hold(),
    readOn: () => line.readOn(),
    resize(wantedCols, wantedRows) {
      cols = wantedCols;
      rows = wantedRows;
      line.resize(cols, rows);
    },
    giveUp() {
      if (over) return;
      over = true;
      if (timer === null) return;
      clearTimeout(timer);
      timer = null;
      end({ exitCode: null, signal: 'SIGHUP' });
    },
  };
}
