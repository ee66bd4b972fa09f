/** What a user can do while his room says nothing: the terminal is this process's then, and he is asked on its last line. */
import { onlyTyped } from '../screen/modes.ts';
import { say, sizeOf } from './terminal.ts';

export type Outcome<T> = { readonly left: true } | { readonly left: false; readonly value: T };

/** Who types on without looking must not answer by it: he is asked when he has typed nothing for so long. */
const PAUSE_MS = 1_000;
/** He has said that he waits. */
const PATIENT_MS = 30_000;

export type Asking<T> = {
  /** What is waited for. */
  readonly pending: Promise<T>;
  /** `the room has not answered since 14:03:22`, and shorter. */
  readonly what: readonly [string, string];
  /** All that is typed and answers nothing, as it came: it is meant for the room. */
  readonly keep: (bytes: Uint8Array) => void;
};

/** The terminal is raw, and nobody else reads it; whoever has it afterwards draws it anew. */
export async function askWhile<T>({ pending, what, keep }: Asking<T>): Promise<Outcome<T>> {
  const [long, short] = what;
  let asks = false;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    const { cols, rows } = sizeOf();
    const lines = asks
      ? [`${long}: q leaves, Enter waits`, `${short}: q leaves, Enter waits`, `${short}: q leaves`, 'q leaves']
      : [`${long}; what is typed is kept for it`, `${short}; typed keys are kept`, short];
    const line = lines.find((one) => one.length < cols) ?? lines.at(-1) ?? '';
    say(`${onlyTyped()}\x1b[${rows};1H\x1b[7m ${line.slice(0, cols - 1)}\x1b[K\x1b[m`);
  };
  const askAfter = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      asks = true;
      draw();
    }, ms);
    if (!asks) return;
    asks = false;
    draw();
  };
  let leave: () => void = () => {};
  const left = new Promise<Outcome<T>>((resolve) => {
    leave = () => resolve({ left: true });
  });
  const onInput = (bytes: Buffer) => {
    const key = asks ? bytes.toString('latin1') : '';
    if (key === 'q') leave();
    else if (key === '\r') askAfter(PATIENT_MS);
    else {
      keep(bytes);
      askAfter(PAUSE_MS);
    }
  };
  draw();
  askAfter(PAUSE_MS);
  process.stdout.on('resize', draw);
  process.stdin.on('data', onInput).resume();
  try {
    return await Promise.race([left, pending.then((value) => ({ left: false, value }) as const)]);
  } finally {
    clearTimeout(timer);
    process.stdout.off('resize', draw);
    process.stdin.off('data', onInput).pause();
  }
}
