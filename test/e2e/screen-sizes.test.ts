/** Sizes, colours, and how little is written. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenPlace, settled, still } from './screen.ts';

let place: ScreenPlace;
const open: ScreenAt[] = [];

function at(...args: Parameters<typeof openScreen>): ScreenAt {
  const screen = openScreen(...args);
  open.push(screen);
  return screen;
}

async function leave(screen: ScreenAt): Promise<void> {
  screen.press('q');
  expect(await screen.exit()).toBe(0);
}

/** The same, apart from what one screen has not read yet. */
const read = (text: string) => still(text).replaceAll('✉ ', '');

beforeAll(async () => {
  place = openScreenPlace('sizes');
  const first = await ready(at(place.root));
  await prompts(first);
  await leave(first);
});
afterEach(async () => {
  for (const screen of open.splice(0)) await screen.close();
});
afterAll(() => place.remove());

async function ready(screen: ScreenAt): Promise<ScreenAt> {
  await screen.sees(/^ CONTROL.*q leave/m);
  return screen;
}

describe('sizes', () => {
  it.each([
    [80, 24],
    [118, 40],
    [204, 51],
    [400, 120],
  ])('%i×%i is filled to its last column and row', async (cols, rows) => {
    const screen = await ready(at(place.root, { cols, rows }));
    const lines = screen.text().split('\n');
    expect(lines).toHaveLength(rows);
    expect(lines[0]).toContain('coordtui');
    expect(lines[rows - 1]).toMatch(/CONTROL.*q leave/);
    // A frame's right edge in the last column.
    expect(lines.some((line) => /[╮┓]$/.test(line) && line.length === cols)).toBe(true);
    await leave(screen);
  });

  it.each([
    [20, 5],
    [1, 1],
  ])('%i×%i says what it can, and can be left', async (cols, rows) => {
    const screen = at(place.root, { cols, rows });
    await until('anything at all to be drawn', () => screen.text().trim() !== '');
    screen.resize(118, 40);
    await screen.sees(/CONTROL.*q leave/);
    await leave(screen);
  });

  it('after a storm of sizes under a flood the screen is as a fresh one', async () => {
    const screen = await ready(at(place.root));
    screen.press('1', '\r');
    await screen.sees('TYPING');
    screen.press('i=0; while :; do echo "flood $i"; i=$((i + 1)); done\r');
    await screen.sees(/flood \d+/);
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let turn = 0; turn < 60; turn++) {
      screen.resize(1 + random(220), 1 + random(60));
      await new Promise((next) => setImmediate(next));
    }
    screen.resize(118, 40);
    screen.press('\x03');
    await screen.sees(/flood \d+ *[║┃│][\s\S]*[║┃]\$ /);
    screen.press('\x1d');
    await screen.sees(/^ CONTROL/m);
    const other = await ready(at(place.root));
    await until('both to show the same', () => {
      const [a, b] = [screen, other].map((one) =>
        read(one.text())
          .replaceAll(/[╭╮╰╯┏┓┗┛│┃]/g, '|')
          .replaceAll(/\bCONTROL\b|watching/g, ''),
      );
      const frames = (text = '') => text.split('\n').slice(1, 36).join('\n');
      return frames(a) === frames(b);
    });
  });
});

describe('colours', () => {
  it('NO_COLOR: no colour in any byte', async () => {
    const screen = await ready(at(place.root, { env: { NO_COLOR: '1' } }));
    screen.press('1', '\r');
    await screen.sees('TYPING');
    screen.press(`clear; printf '\\033[31mred\\033[0m \\033[48;5;200mpink\\033[0m \\033[38;2;1;2;3mblack\\033[0m'; echo .\r`);
    await screen.sees('red pink black.');
    expect(coloursIn(screen.raw())).toEqual([]);
    screen.press('\x1d');
    await ready(screen);
    await leave(screen);
  });

  it('TERM=xterm: the sixteen, and no others', async () => {
    const screen = await ready(at(place.root, { env: { TERM: 'xterm' } }));
    await screen.sees('red pink black.');
    const used = coloursIn(screen.raw());
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((one) => one === '38' || one === '48')).toEqual([]);
    await leave(screen);
  });
});

it('an idle room writes nothing but clocks', async () => {
  // Its own room, so that its clocks still count seconds.
  const fresh = openScreenPlace('quiet');
  try {
    const screen = await ready(at(fresh.root));
    const clock = () => /free (\d+)s/.exec(screen.text())?.[1];
    await until('a clock', () => Number(clock()) > 0);
    // What the start of a room and its sessions changes has come.
    await prompts(screen);
    await screen.sees(/free \d+s.*free \d+s/);
    await settled(screen);
    const clocks = new Set<string | undefined>([clock()]);
    const from = screen.raw().length;
    await until('three changes of a clock', () => clocks.add(clock()).size > 3);
    const written = screen.raw(from);
    expect(written).not.toContain('\x1b[2J');
    // Two ages a second, each a few cells inside a frame of its own; a whole screen would be thousands.
    expect(written.length).toBeLessThan(200 * clocks.size);
    await leave(screen);
  } finally {
    await fresh.remove();
  }
});

/** The parameters of all SGR sequences that mean a colour; `38` and `48` stand for all beyond the sixteen. */
function coloursIn(bytes: string): string[] {
  const found: string[] = [];
  for (const [, parameters = ''] of bytes.matchAll(/\x1b\[([\d;:]*)m/g)) {
    const numbers = parameters.split(';');
    for (let index = 0; index < numbers.length; index++) {
      const number = (numbers[index] ?? '').split(':')[0] ?? '';
      if (/^(3|4|9|10)[0-8]$/.test(number)) found.push(number);
      if ((number === '38' || number === '48') && !(numbers[index] ?? '').includes(':')) index += numbers[index + 1] === '5' ? 2 : 4;
    }
  }
  return found;
}
