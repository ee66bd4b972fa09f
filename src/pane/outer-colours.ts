/**
 * The colours of the operator's own terminal, as it told them when a screen was attached: programs ask their terminal
 * for them (OSC 4, 10, 11, 12) to choose between a light and a dark theme, and get the true ones.
 */

/** `4;7`, `10`, `11` or `12`, as the sequences number them. */
type Which = string;

export type OuterColours = {
  /** An answer of the outer terminal; of anything else nothing is taken. An answer to DA1 says that there are no more. */
  take(sequence: string): void;
  /** `rgb:rrrr/gggg/bbbb`; null when it was not told. */
  of(which: Which): string | null;
  /** Light or dark, by the background; null when that is not known. */
  isLight(): boolean | null;
  /** Whether an answer may still come: then `callback` is called once it has, or will not come any more. */
  awaits(callback: () => void): boolean;
  close(): void;
};

/** A session that asks right after its start waits so long for the first screen, and is not answered then. */
const PATIENCE_MS = 1_500;

const ANSWER =
  /^\u001b\](4;\d{1,3}|1[0-2]);rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})(?:\/[0-9a-f]{1,4})?(?:\u0007|\u001b\\)$/iu;
const DA1 = /^\u001b\[\?[\d;]*c$/u;
const STEPS = [0, 0x5f, 0x87, 0xaf, 0xd7, 0xff] as const;

export function createOuterColours(patienceMs = PATIENCE_MS): OuterColours {
  const told = new Map<Which, string>();
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | null = setTimeout(settle, patienceMs);
  // Nothing to wait for in a room that ends.
  timer.unref();

  function settle(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const callback of waiting.splice(0)) callback();
  }

  return {
    take(sequence) {
      const [, which, ...channels] = ANSWER.exec(sequence) ?? [];
      if (which !== undefined) told.set(which, `rgb:${channels.slice(0, 3).map(fourDigits).join('/')}`);
      else if (DA1.test(sequence)) settle();
    },
    of: (which) => told.get(which) ?? fixed(which),
    isLight() {
      const [red, green, blue] = channelsOf(told.get('11') ?? '');
      if (red === undefined || green === undefined || blue === undefined) return null;
      return 0.299 * red + 0.587 * green + 0.114 * blue > 0x7fff;
    },
    awaits(callback) {
      if (timer === null) return false;
      waiting.push(callback);
      return true;
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      waiting.length = 0;
    },
  };
}

/** One to four digits are parts of the same whole. */
function fourDigits(digits: string): string {
  const whole = 16 ** digits.length - 1;
  return Math.round((Number.parseInt(digits, 16) / whole) * 0xffff)
    .toString(16)
    .padStart(4, '0');
}

function channelsOf(colour: string): number[] {
  return colour
    .slice('rgb:'.length)
    .split('/')
    .filter(Boolean)
    .map((digits) => Number.parseInt(digits, 16));
}

/** The 240 beyond the theme's are the same everywhere. */
function fixed(which: Which): string | null {
  const index = Number(/^4;(\d+)$/u.exec(which)?.[1] ?? -1);
  if (index < 16 || index > 255) return null;
  const grey = 8 + (index - 232) * 10;
  const cube = index - 16;
  const steps = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => STEPS[step] ?? 0);
  const channels = index >= 232 ? [grey, grey, grey] : steps;
  return `rgb:${channels.map((channel) => channel.toString(16).padStart(2, '0').repeat(2)).join('/')}`;
}
