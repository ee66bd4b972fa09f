/**
 * What waits to be typed into a pty. node-pty's own stream spins on EAGAIN when a program does not read
 * (two seconds of CPU in three), so this queue hands over small pieces and waits when nothing drains.
 */
const PIECE_BYTES = 4096;
export const BACKLOG_BYTES = 4 * 1024 * 1024;
/** Room beyond that for a few bytes at a time: the end of a paste must come after its beginning. */
const SPARE_BYTES = 4096;
const FEW_BYTES = 16;
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 10;

/** Takes as much as it can at once: the number of bytes taken, 0 when full, null when nobody will ever read. */
export type Sink = (piece: Uint8Array) => number | null;

export type InputQueue = {
  /** False: refused, because more than 4 MB wait already or nobody reads any more. Nothing of it is written then. */
  write(bytes: Uint8Array): boolean;
  /** Forgets what waits: an interrupt must not stand behind a paste that nobody reads. */
  clear(): void;
  backlogBytes(): number;
  close(): void;
};

export function createInputQueue(sink: Sink): InputQueue {
  let waiting: Buffer[] = [];
  let backlog = 0;
  let waitMs = FIRST_WAIT_MS;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let turn: NodeJS.Immediate | null = null;

  const clear = (): void => {
    waiting = [];
    backlog = 0;
    waitMs = FIRST_WAIT_MS;
    if (timer) clearTimeout(timer);
    if (turn) clearImmediate(turn);
    timer = null;
    turn = null;
  };

  const close = (): void => {
    closed = true;
    clear();
  };

  /** One piece a turn, so that a long paste never holds up the screens. */
  const drain = (): void => {
    timer = null;
    turn = null;
    const head = waiting[0];
    if (head === undefined) return;
    const taken = sink(head.subarray(0, PIECE_BYTES));
    if (taken === null) {
      close();
      return;
    }
    backlog -= taken;
    if (taken === head.length) waiting.shift();
    else waiting[0] = head.subarray(taken);
    goOn(taken);
  };

  const goOn = (taken: number): void => {
    if (waiting.length === 0) {
      waitMs = FIRST_WAIT_MS;
    } else if (taken > 0) {
      waitMs = FIRST_WAIT_MS;
      turn = setImmediate(drain);
    } else {
      timer = setTimeout(drain, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  };

  return {
    write(bytes) {
      const most = bytes.length <= FEW_BYTES ? BACKLOG_BYTES + SPARE_BYTES : BACKLOG_BYTES;
      if (closed || backlog + bytes.length > most) return false;
      if (bytes.length === 0) return true;
      // A key goes through at once, and is most of what is ever typed.
      const taken = waiting.length === 0 ? sink(bytes.subarray(0, PIECE_BYTES)) : 0;
      if (taken === null) close();
      if (taken === null || taken === bytes.length) return true;
      // A copy: the caller may use its buffer again while these bytes wait.
      waiting.push(Buffer.from(bytes.subarray(taken)));
      backlog += bytes.length - taken;
      if (!timer && !turn) goOn(taken);
      return true;
    },
    clear,
    backlogBytes: () => backlog,
    close,
  };
}
