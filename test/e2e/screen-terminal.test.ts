/** That the terminal in a pane is a real one: every byte in, the user's colours, focus, pastes of any length. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenPlace } from './screen.ts';

const LEADER = '\x1d';

let place: ScreenPlace;
let screen: ScreenAt;
let aside: string;
let turns = 0;

beforeAll(async () => {
  aside = scratch('terminal');
  place = openScreenPlace('terminal');
  screen = openScreen(place.root);
  await screen.sees('CONTROL');
  // What a light terminal says to the questions at the start.
  screen.press('\x1b]10;rgb:0000/0000/0000\x1b\\\x1b]11;rgb:ffff/ffff/dddd\x1b\\\x1b[?1;2c');
  await prompts(screen);
  screen.press('1', '\r');
  await screen.sees('TYPING');
});
afterAll(async () => {
  await screen.close();
  await place.remove();
  rmSync(aside, { recursive: true, force: true });
});

/** What the program in the pane reads after `begin` was printed, raw. */
async function reads(bytes: number, begin: string, send: () => void): Promise<Buffer> {
  const turn = ++turns;
  const file = join(aside, `read-${turn}`);
  screen.press(
    `clear; stty raw -echo; printf '${begin}'; echo rea""dy-${turn}.; head -c ${bytes} >${file}; stty sane; echo ha""ve-${turn}.\r`,
  );
  await screen.sees(`ready-${turn}.`);
  send();
  await until(`${bytes} bytes to have been read`, () => existsSync(file) && statSync(file).size === bytes);
  await screen.sees(`have-${turn}.`);
  return readFileSync(file);
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

it('all 256 values, in pieces of any size, reach the program as they are', async () => {
  const typed = Buffer.alloc(6_000);
  for (let at = 0, state = 7; at < typed.length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const byte = state >>> 24;
    // The leader leads out; an Esc may begin what is not for the program.
    typed[at] = byte === 0x1d || byte === 0x1b ? 0xff : byte;
  }
  const keys = Buffer.from(
    '\x1b[A\x1bOB\x1b[1;5C\x1b[97;5u\x1b[27;5;97~\x1b[200~all of it: \x1d \x1b[93;5u \x1b[c\x1b[201~\x1b\x1bx',
    'latin1',
  );
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x1d && byte !== 0x1b);
  const got = await reads(typed.length + keys.length + bytes.length, '\\033[?2004h', () => {
    for (let at = 0, size = 1; at < typed.length; at += size, size = 1 + ((size * 5 + 3) % 11)) screen.send(typed.subarray(at, at + size));
    // Whole, as terminals write them: who halts in the midst of a sequence has typed its beginning. Cut anywhere: input.test.ts.
    screen.send(keys);
    screen.send(bytes);
  });
  expect(got.equals(Buffer.concat([typed, keys, bytes]))).toBe(true);
  screen.press(`printf '\\033[?2004l'\r`);
});

it('answers of the outer terminal are eaten, and a program that asks gets its colours', async () => {
  const wanted = '\x1b]11;rgb:ffff/ffff/dddd\x1b\\\x1b[?1;2cx';
  const got = await reads(wanted.length, '\\033]11;?\\033\\\\\\033[c', () =>
    screen.press('\x1b[24;80R\x1b]4;1;rgb:0/0/0\x07\x1bP>|term\x1b\\', 'x'),
  );
  expect(got.toString('latin1')).toBe(wanted);
});

it('the focus of the window is told to a program that asked for it', async () => {
  const got = await reads(6, '\\033[?1004h', () => {
    void until('the outer terminal to be asked', () => screen.modesLeft().includes('?1004')).then(() => screen.press('\x1b[O', '\x1b[I'));
  });
  expect(got.toString('latin1')).toBe('\x1b[O\x1b[I');
  screen.press(`printf '\\033[?1004l'\r`);
  await until('the outer terminal to be asked no more', () => !screen.modesLeft().includes('?1004'));
});

it('half a frame of a program (mode 2026) is not shown', async () => {
  const times = join(aside, 'times');
  const now = `date +%s%3N >>${times}`;
  const from = screen.raw().length;
  screen.press(
    `clear; printf 'whole\\n'; ${now}; printf '\\033[?2026h\\033[Hha''lf'; sleep 0.04; printf '\\r    \\033[?2026l'; ${now}; echo do""ne\r`,
  );
  await screen.sees('done');
  const [begun = 0, ended = 0] = readFileSync(times, 'utf8').trim().split('\n').map(Number);
  expect(ended).toBeGreaterThan(begun);
  // One that takes longer than 150 ms is shown as far as it is, and on a busy machine this one may.
  expect(screen.raw(from).includes('half') && ended - begun < 100).toBe(false);
});

const SIZE = 20 * 1024 * 1024;
const LINE = 'a line of a paste that is very long, with a leader \x1d in it\r';

it('a paste of 20 MB into a program that reads arrives whole', async () => {
  const text = Buffer.from(LINE.repeat(Math.ceil(SIZE / LINE.length)).slice(0, SIZE), 'latin1');
  const got = await reads(text.length, '', () => screen.send(Buffer.concat([Buffer.from('\x1b[200~'), text, Buffer.from('\x1b[201~')])));
  expect(sha(got)).toBe(sha(text));
}, 120_000);

it('a paste of 20 MB into one that does not is left out, says so, holds up nothing and no memory', async () => {
  const pid = place.roomPid();
  const memory = () =>
    Number(/VmRSS:\s+(\d+) kB/.exec(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '')?.[1] ?? 0);
  screen.press(`clear; stty raw -echo; printf '\\033[?2004h'; echo dea""f; sleep 1000\r`);
  await screen.sees('deaf');
  const before = memory();
  screen.send(Buffer.concat([Buffer.from('\x1b[200~'), Buffer.alloc(SIZE, LINE), Buffer.from('\x1b[201~')]));
  await screen.sees('does not read what is typed');
  // The leader stands behind the paste in the terminal: once that is through, it leads out at once.
  screen.press(LEADER);
  await screen.sees(/^ CONTROL/m);
  screen.press('?');
  await screen.sees('type to filter');
  screen.press('\x1b');
  await screen.misses('type to filter');
  expect(memory() - before).toBeLessThan(200_000);
  screen.press('q');
  expect(await screen.exit()).toBe(0);
  expect(screen.modesLeft()).toEqual([]);
}, 120_000);
