/** Several screens at one room: one types, the others look on, and none slows another. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenPlace } from './screen.ts';

let place: ScreenPlace;
const open: ScreenAt[] = [];

function at(...args: Parameters<typeof openScreen>): ScreenAt {
  const screen = openScreen(...args);
  open.push(screen);
  return screen;
}

beforeAll(() => {
  place = openScreenPlace('clients');
});
afterEach(async () => {
  for (const screen of open.splice(0)) await screen.close();
});
afterAll(() => place.remove());

/** Into the focused pane, and back to the control room. */
async function type(screen: ScreenAt, pane: string, line: string): Promise<void> {
  await screen.sees('CONTROL');
  screen.press(pane);
  screen.press('\r');
  await screen.sees('TYPING');
  screen.press(`${line}\r`);
}

async function control(screen: ScreenAt): Promise<void> {
  screen.press('\x1d');
  await screen.sees(/ CONTROL {2}/);
}

describe('two screens', () => {
  it('one holds the input, the other has a view of its own, and takes over with T', async () => {
    const first = at(place.root);
    await prompts(first);
    await type(first, '1', 'echo one-$((1 + 1))');
    await first.sees('one-2');
    const second = at(place.root, { cols: 204, rows: 51 });
    await second.sees('one-2');
    // Its own focus, and no way to type.
    second.press('2');
    await second.sees(/┏━ 2 frontend/);
    expect(first.text()).not.toMatch(/[┏╔][━═] 2 frontend/);
    second.press('\r');
    await second.sees('another screen has the input');
    second.press('echo never\r');
    second.press('T');
    await first.sees(/ CONTROL {2}/);
    // It gets its size a moment after the take-over, as after every change of sizes.
    await type(second, '2', 'until [ "$(stty size | cut -d" " -f2)" -gt 41 ]; do sleep 0.05; done; echo two-$((1 + 1)); stty size');
    await second.sees(/two-2[\s\S]*?[║┃]\d+ \d+/);
    await first.sees('two-2');
    expect(first.text()).not.toContain('never');
    // The pane has the size that it has on the screen of the one who types.
    const [, rows, cols] = /two-2[\s\S]*?[║┃](\d+) (\d+)/.exec(second.text()) ?? [];
    expect(Number(rows)).toBeGreaterThan(20);
    expect(Number(cols)).toBeGreaterThan(41);
    first.press('1', '\r');
    await first.sees('another screen has the input');
    // The holder leaves: whoever is left has the input.
    await control(second);
    second.press('q');
    expect(await second.exit()).toBe(0);
    await type(first, '1', 'echo again-$((1 + 1))');
    await first.sees('again-2');
  });

  it('a smaller one is shown a part, and is told so; a larger one is shown dots beyond it', async () => {
    const holder = at(place.root, { cols: 140, rows: 40 });
    await type(holder, '1', 'clear; stty size');
    await holder.sees(/\d+ \d+/);
    await control(holder);
    const smaller = at(place.root, { cols: 82, rows: 24, args: ['--observe'] });
    await smaller.sees(/cropped, it has \d+×\d+/);
    const larger = at(place.root, { cols: 220, rows: 60, args: ['--observe'] });
    await larger.sees('····');
    expect(holder.text()).not.toContain('cropped');
    expect(larger.text()).not.toContain('cropped');
  });

  it('attach shows one session alone and types into it; what has none is no place to go', async () => {
    const alone = at(place.root, { args: ['attach', 'instance-2-frontend'] });
    await alone.sees('TYPING → instance-2-frontend');
    expect(alone.text()).not.toContain('planning-backend');
    alone.press('echo alone-$((1 + 1))\r');
    await alone.sees('alone-2');
    await control(alone);
    alone.press('z');
    await alone.sees('planning-backend');
    alone.press('q');
    expect(await alone.exit()).toBe(0);
    const lost = at(place.root, { args: ['attach', 'instance-9-nobody'] });
    expect(await lost.exit()).toBe(3);
    expect(lost.text()).toContain('there is no session of instance-9-nobody here');
  });

  it('--observe types nothing, decides nothing, and never gets the input', async () => {
    const observer = at(place.root, { args: ['--observe'] });
    await observer.sees('CONTROL');
    observer.press('1', '\r');
    await observer.sees('only looks on');
    observer.press('echo by-the-observer\r');
    observer.press('T');
    await observer.sees(/only looks on|no other screen/);
    observer.press(':');
    await observer.sees(/command/);
    observer.press('assign instance-1-planning-backend --task "by the observer"\r');
    await observer.sees('only looks on');
    expect(observer.text()).not.toContain('$ echo by-the-observer');
    const other = at(place.root);
    await type(other, '1', 'echo mine-$((1 + 1))');
    await other.sees('mine-2');
    expect(other.text()).toContain('no work yet');
    await control(other);
    other.press('q');
    expect(await other.exit()).toBe(0);
    observer.press('1', '\r');
    await observer.sees('only looks on');
    observer.press('q');
    expect(await observer.exit()).toBe(0);
  });

  it('a stopped one under a flood slows nobody, costs the room little, and is whole when it goes on', async () => {
    const first = at(place.root);
    await first.sees('CONTROL');
    const stopped = at(place.root);
    await type(first, '2', 'clear; echo quiet-$((1 + 1))');
    await first.sees('quiet-2');
    await control(first);
    await type(first, '1', 'i=0; while [ $i -lt 4000000 ]; do echo "flood $i"; i=$((i + 1)); done');
    await stopped.sees(/flood \d+/);
    process.kill(stopped.pid, 'SIGSTOP');
    const before = rssOf(place.roomPid());
    await control(first);
    // The flood goes on, and the first screen with it: it shows much later lines.
    const count = () => Number(/flood (\d+)/.exec(first.text())?.[1] ?? 0);
    const from = count();
    await until('the flood to go on', () => count() > from + 60_000);
    await type(first, '2', 'echo heard-$((1 + 1))');
    await first.sees('heard-2');
    expect(rssOf(place.roomPid()) - before).toBeLessThan(80);
    await control(first);
    first.press('1', '\r');
    await first.sees('TYPING → instance-1-planning-backend');
    first.press('\x03');
    await first.sees(/flood \d+ *[║┃│][\s\S]*[║┃]\$ /);
    process.kill(stopped.pid, 'SIGCONT');
    const pane = (screen: ScreenAt) =>
      screen
        .text()
        .match(/flood \d+/g)
        ?.at(-1);
    await until('the stopped screen to show what the other shows', () => pane(first) !== undefined && pane(stopped) === pane(first));
    await stopped.sees('heard-2');
  });
});

/** Resident memory in MB. */
function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
