/** Somebody who has only the screen asks what happened: timeline, brief, indicators, debugging, health, by keys, on a small terminal. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coordtui } from './hands.ts';
import { openScreen, openScreenPlace, type ScreenAt, type ScreenPlace } from './screen.ts';

const ESC = '\x1b';
let place: ScreenPlace;
let screen: ScreenAt;

beforeAll(async () => {
  place = openScreenPlace('past', { more: 'verification: { checks: [ { id: unit, command: "true" } ] }\n' });
  screen = openScreen(place.root, { cols: 80, rows: 24 });
  await screen.sees(/^ CONTROL/m);
  const made = await coordtui(place.root, ['assign', 'instance-1-planning-backend', '--task', 'add the orders table']);
  expect(made.exit).toBe(0);
});
afterAll(async () => {
  await screen.close();
  await place.remove();
});

describe('INTERFACE, Keys: what happened, at 80×24', () => {
  for (const [key, title, holds] of [
    ['t', 'what happened, the newest first', /h-[0-9a-f]{4} ACTIVE/],
    ['b', 'what was decided since you last looked', 'nothing was decided'],
    ['K', 'indicators, and what stands behind them', 'approved without you'],
    ['g', 'debugging sessions', 'no debugging session yet'],
    ['s', 'how everybody is', 'last heartbeat'],
  ] as const)
    it(`\`${key}\` opens "${title}", esc and q close it`, async () => {
      screen.press(key);
      await screen.sees(title);
      await screen.sees(holds);
      screen.press(ESC);
      await screen.misses(title);
      screen.press(key);
      await screen.sees(title);
      screen.press('q');
      await screen.misses(title);
    }, 120_000);

  it('an entry of the timeline opens its handoff, and esc leads back; F filters, and an empty filter shows everything again', async () => {
    screen.press('t');
    await screen.sees(/⏎ open/);
    await screen.sees(/session started/);
    screen.press('\t');
    await screen.sees(/selecting by lines/);
    screen.press('\r');
    await screen.sees('why it is where it is');
    await screen.sees('esc goes back');
    screen.press(ESC);
    await screen.sees(/session started/);
    screen.press('F');
    await screen.sees('show only');
    screen.press('session\r');
    await screen.sees('only session');
    await screen.misses(/ ACTIVE /);
    screen.press('F');
    await screen.sees('show only');
    screen.press('\x15', '\r');
    await screen.sees(/h-[0-9a-f]{4} ACTIVE/);
    screen.press('q');
    await screen.misses('what happened');
  }, 120_000);
});
