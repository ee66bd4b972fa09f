/** How the panes stand: by keys and by mouse, through a restart of the room, and through a storm of resizes. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { until } from '../support/until.ts';
import { coordtui } from './hands.ts';
import { isAlive, openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenPlace } from './screen.ts';

let place: ScreenPlace;
let screen: ScreenAt;

beforeAll(async () => {
  place = openScreenPlace('layout');
  screen = openScreen(place.root, { cols: 160, rows: 40 });
  await prompts(screen);
});
afterAll(async () => {
  await screen.close();
  await place.remove();
});

/** The first frame's width, by its upper right corner. */
const firstWidth = (): number => (screen.text().split('\n')[1] ?? '').search(/[┓╮╗]/u) + 1;

describe('the layout', () => {
  it('> makes a pane wider and its session with it, a drag of the border narrower', async () => {
    const before = firstWidth();
    screen.press('1', '>');
    await until('the border to move', () => firstWidth() === before + 4);
    screen.press('\r');
    await screen.sees('TYPING →');
    // The size comes once the border has come to rest.
    screen.press(`until stty size | grep -q ' ${before + 2}$'; do sleep 0.05; done; echo it fi""ts\r`);
    await screen.sees('it fits');
    screen.press('\x1d');
    await screen.misses('TYPING →');
    const x = before + 4;
    screen.press(`\x1b[<0;${x};8M`, `\x1b[<32;${x - 14};8M`, `\x1b[<0;${x - 14};8m`);
    await until('the border to follow', () => firstWidth() === before - 10);
  });

  it('is there again after the room was ended and started anew', async () => {
    const width = firstWidth();
    screen.press('2', 'H');
    await screen.sees(/2 frontend .*hidden/u);
    const pid = place.roomPid();
    await screen.close();
    await coordtui(place.root, ['stop', '--yes']);
    await until('the room to end', () => !isAlive(pid));
    screen = openScreen(place.root, { cols: 160, rows: 40 });
    await screen.sees(/2 frontend .*hidden/u);
    screen.press('2');
    await screen.misses('hidden');
    await until('the border to be where it was', () => firstWidth() === width);
  });

  it('is whole after a storm of resizes, while both sessions flood', async () => {
    await prompts(screen);
    for (const pane of ['1', '2']) {
      screen.press(pane, '\r');
      await screen.sees('TYPING →');
      screen.press('while :; do echo flood-flood-flood; done\r');
      screen.press('\x1d');
      await screen.misses('TYPING →');
    }
    let seed = 7;
    const random = (least: number, most: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return least + (seed % (most - least + 1));
    };
    for (let turn = 0; turn < 120; turn++) screen.resize(random(1, 220), random(1, 60));
    screen.resize(160, 40);
    await screen.sees('CONTROL');
    screen.press('!', '1', '!');
    await until('every line to be whole', () => {
      const lines = screen.text().split('\n');
      const bottom = lines.findIndex((line) => line.startsWith('╭─ handoffs'));
      const panes = lines.slice(1, bottom);
      return bottom > 0 && panes.every((line) => line.length === 160) && /^[┏╭]/u.test(panes[0] ?? '') && /^[┗╰]/u.test(panes.at(-1) ?? '');
    });
    await screen.sees('q leave');
  });
});
