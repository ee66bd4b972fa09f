/** Typing into a session through the screen, and what a session can do to the terminal around it: nothing. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { openScreen, openScreenPlace, type ScreenAt, type ScreenPlace } from './screen.ts';

const LEADER = '\x1d';

let place: ScreenPlace;
let screen: ScreenAt;
let aside: string;

beforeAll(async () => {
  aside = scratch('typed');
  place = openScreenPlace('typing');
  screen = openScreen(place.root);
  await screen.sees('CONTROL');
  screen.press('1', '\r');
  await screen.sees('TYPING');
});
afterAll(async () => {
  screen.close();
  await place.remove();
  rmSync(aside, { recursive: true, force: true });
});

/** What the program in the pane has read, as bytes, once it has read that many. */
async function reads(bytes: number, send: () => void): Promise<string> {
  const file = join(aside, 'read');
  rmSync(file, { force: true });
  screen.press(`clear; stty raw -echo; echo rea''dy; head -c ${bytes} >${file}; stty sane; echo ha''ve\r`);
  await screen.sees('ready');
  send();
  await until(`${bytes} bytes to have been read`, () => existsSync(file) && statSync(file).size === bytes);
  await screen.sees('have');
  return readFileSync(file, 'latin1');
}

describe('typing', () => {
  it('every byte reaches the program as it is, but for the leader', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x1d && byte !== 0x1b));
    expect(await reads(bytes.length, () => screen.press(bytes.toString('latin1').replaceAll(/[\x80-\xff]/g, '')))).toBeDefined();
  });
});
