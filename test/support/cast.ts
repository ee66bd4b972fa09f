/** asciicast v2 read to the letter, and played into a fresh terminal of ours. */
import type { Terminal } from '@xterm/headless';
import { createEmulator } from '../../src/pane/emulator.ts';

export type Cast = {
  readonly header: { readonly version: number; readonly width: number; readonly height: number; readonly [key: string]: unknown };
  readonly events: readonly { readonly at: number; readonly code: string; readonly data: string }[];
};

/** Throws for whatever the format does not allow. */
export function parseCast(text: string): Cast {
  if (!text.endsWith('\n')) throw new Error('the last line is not whole');
  if (text.includes('\ufffd\ufffd\ufffd')) throw new Error('characters were cut');
  const [first = '', ...lines] = text.slice(0, -1).split('\n');
  const header = JSON.parse(first) as Cast['header'];
  if (header.version !== 2 || !(header.width > 0) || !(header.height > 0)) throw new Error(`not a header: ${first}`);
  if (!Number.isInteger(header.timestamp)) throw new Error(`the timestamp is no whole number: ${first}`);
  let last = 0;
  const events = lines.map((line) => {
    const event = JSON.parse(line) as unknown;
    if (!Array.isArray(event) || event.length !== 3) throw new Error(`not an event: ${line}`);
    const [at, code, data] = event as [number, string, string];
    if (typeof at !== 'number' || at < last) throw new Error(`time goes back at ${line}`);
    if (!['o', 'r', 'm'].includes(code) || typeof data !== 'string' || /\p{Cs}/u.test(data)) throw new Error(`not an event: ${line}`);
    if (code === 'r' && !/^\d+x\d+$/.test(data)) throw new Error(`not a size: ${line}`);
    last = at;
    return { at, code, data };
  });
  return { header, events };
}

/** What the screen shows at the end. */
export async function play({ header, events }: Cast): Promise<ReturnType<typeof screenOf>> {
  const screen = createEmulator({
    cols: header.width,
    rows: header.height,
    scrollbackLines: 500,
    promptEndsWork: false,
    onAnswer: () => {},
  });
  for (const { code, data } of events) {
    if (code === 'o') screen.feed(Buffer.from(data));
    else if (code === 'r') screen.resize(Number(data.split('x')[0]), Number(data.split('x')[1]));
  }
  const shown = screenOf(screen.terminal);
  screen.close();
  return shown;
}

/** Characters, looks and the cursor; the same for two screens that a person could not tell apart. */
export function screenOf(terminal: Terminal) {
  const { active } = terminal.buffer;
  const rows = Array.from({ length: terminal.rows }, (_, y) => {
    const line = active.getLine(active.baseY + y);
    return Array.from({ length: terminal.cols }, (_cell, x) => {
      const cell = line?.getCell(x);
      if (cell === undefined) return '';
      const look = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor(), cell.isBold(), cell.isInverse()];
      const plain = look.every((value) => value === 0 || value === -1);
      return `${cell.getChars() || ' '}${plain ? '' : ` ${look.join(',')}`}`;
    })
      .join('|')
      .replace(/[ |]+$/, '');
  });
  return { size: `${terminal.cols}x${terminal.rows}`, cursor: `${active.cursorX},${active.cursorY}`, kind: active.type, rows };
}
