/** How a scripted agent shows what it does: colours, a spinner, a title, and its program status. */
import { setTimeout as sleep } from 'node:timers/promises';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧'];
const FRAME_MS = 80;

export const colours = { dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;

export function say(text: string, colour: keyof typeof colours = 'cyan', mark = '●'): void {
  process.stdout.write(`\x1b[${colours[colour]}m${mark}\x1b[0m ${text}\n`);
}

export function quote(text: string): void {
  for (const line of text.split('\n')) process.stdout.write(`\x1b[2m  │ ${line}\x1b[0m\n`);
}

export function setTitle(text: string): void {
  process.stdout.write(`\x1b]0;${text}\x07`);
}

/** OSC 7501: what a terminal that understands it may show of this program. */
export function report(state: 'idle' | 'working' | 'done' | 'error'): void {
  process.stdout.write(`\x1b]7501;state=${state}:app=rehearsal\x1b\\`);
}

/** One frame of a spinner in the current line. */
export async function spin(frame: number, text: string): Promise<void> {
  process.stdout.write(`\r\x1b[K\x1b[33m${SPINNER[frame % SPINNER.length]}\x1b[0m ${text}`);
  await sleep(FRAME_MS);
}

export function endSpin(): void {
  process.stdout.write('\r\x1b[K');
}
