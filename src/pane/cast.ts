/** asciicast v2: a header, then a line for each event with its time in seconds. */

export type CastHeader = { readonly width: number; readonly height: number; readonly startsAt: number; readonly title: string };

/** `o` printed, `r` resized, `m` a mark to jump to. */
export type CastCode = 'o' | 'r' | 'm';

export function castHeader({ width, height, startsAt, title }: CastHeader): string {
  const header = { version: 2, width, height, timestamp: Math.floor(startsAt / 1000), title, env: { TERM: 'xterm-256color' } };
  return `${JSON.stringify(header)}\n`;
}

export function castEvent(seconds: number, code: CastCode, data: string): string {
  return `[${seconds.toFixed(6)}, "${code}", ${JSON.stringify(data)}]\n`;
}

export function sizeText(cols: number, rows: number): string {
  return `${cols}x${rows}`;
}

const EVENT = /^\[(\d+\.\d+), "([orm])", (.*)\]$/;

export type CastJoiner = {
  /** Lines of a file, which its beginning names; its first line is its header. What comes of them goes to `write`. */
  add(startsAt: number, lines: Iterable<string>): void;
};

/** Several files as one: one header, times that never go back, and the size said again where it has changed. */
export function joinCasts(write: (text: string) => void): CastJoiner {
  let beganAt: number | null = null;
  let last = 0;
  let size = '';
  let file: number | null = null;
  return {
    add(startsAt, lines) {
      for (const line of lines) {
        if (file !== startsAt) {
          file = startsAt;
          const { width, height } = JSON.parse(line) as { width: number; height: number };
          const now = sizeText(width, height);
          if (beganAt === null) write(`${line}\n`);
          beganAt ??= startsAt;
          last = Math.max(last, (startsAt - beganAt) / 1000);
          if (size !== '' && size !== now) write(castEvent(last, 'r', now));
          size = now;
          continue;
        }
        const match = EVENT.exec(line);
        // The last line of a file may have been cut by a crash.
        if (match === null || beganAt === null) continue;
        const [, seconds, code, data = '""'] = match;
        last = Math.max(last, (startsAt - beganAt) / 1000 + Number(seconds));
        if (code === 'r') size = JSON.parse(data) as string;
        write(`[${last.toFixed(6)}, "${code}", ${data}]\n`);
      }
    },
  };
}
