/** A day's work by keys alone: given, done, checked, decided. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenPlace } from './screen.ts';

const ESC = '\x1b';
const LEADER = '\x1d';
/** As an agent says it. */
const COORDTUI = `${process.execPath} ${BIN}`;

let place: ScreenPlace;
let screen: ScreenAt;
/** What the check waits for lies outside of what it judges. */
let aside: string;

beforeAll(async () => {
  aside = scratch('aside');
  const command = `echo looking; while [ ! -e ${aside}/go ]; do sleep 0.05; done; grep -q good work.txt`;
  place = openScreenPlace('work', {
    more: `policy: { undoMs: 500 }\nverification: { checks: [ { id: greeting, command: ${JSON.stringify(command)} } ] }\n`,
  });
  screen = openScreen(place.root, { cols: 204, rows: 51 });
  await prompts(screen);
});
afterAll(async () => {
  await screen.close();
  await place.remove();
  rmSync(aside, { recursive: true, force: true });
});

const go = () => writeFileSync(join(aside, 'go'), '');
const halt = () => rmSync(join(aside, 'go'), { force: true });

/** A line typed into the palette. */
async function command(line: string): Promise<void> {
  screen.press(':');
  await screen.sees(/┏━ commands/);
  screen.press(`${line}\r`);
  await screen.misses(/┏━ commands/);
}

/** A line typed into a session, and the keys back. */
async function say(pane: '1' | '2', line: string, answer: string | RegExp): Promise<void> {
  screen.press(pane, '\r');
  await screen.sees('TYPING');
  screen.press(`${line}\r`);
  await screen.sees(answer);
  screen.press(LEADER);
  await screen.sees(/^ CONTROL/m);
}

/** Presses until something comes of it: a card that moved is guarded anew. */
async function decide(key: string, done: RegExp | string): Promise<void> {
  await until(`"${key}" to be taken: ${done}`, () => {
    if (typeof done === 'string' ? screen.text().includes(done) : done.test(screen.text())) return true;
    screen.press(key);
    return false;
  });
}

/** The row of the text on the screen, and the column where it begins. */
function find(text: string): { x: number; y: number } {
  const lines = screen.text().split('\n');
  const y = lines.findIndex((line) => line.includes(text));
  if (y < 0) throw new Error(`"${text}" is not on the screen:\n${screen.text()}`);
  return { x: lines[y]?.indexOf(text) ?? 0, y };
}

describe('work by keys', () => {
  it('gives work with a line', async () => {
    await command(`assign instance-1-planning-backend --task "a greeting for all"`);
    await screen.sees(/a greeting for all/);
  });

  it('shows a round while it runs, and the card when it waits; a key that was meant for something else decides nothing', async () => {
    await say('1', `clear; echo good >work.txt; ${COORDTUI} ready --summary "it greets"`, /h-\w+ .*round|is ready/);
    await screen.sees('looking');
    // Meant for something else, before there is a card. What comes in its first moments is the guard's, whose clock
    // a busy machine outruns: it is tested where the time is given (decide.test.ts).
    screen.press(...'aaaa');
    go();
    await screen.sees(/ a {2}approve/);
    expect(screen.text()).toContain('needs you');
  });

  it('w, v and f open what a decision rests on, and esc closes it', async () => {
    for (const [key, what] of [
      ['w', /why/],
      ['v', /what the checks found/],
      ['f', /\+good/],
    ] as const) {
      screen.press(key);
      await screen.sees(what);
      await screen.sees('esc closes it');
      screen.press(ESC);
      await screen.misses('esc closes it');
    }
  });

  it('D denies with a reason, and the work goes back', async () => {
    await decide('D', /why is h-\w+ denied\?/);
    // The presses before it may stand in the line; ctrl-u empties it.
    screen.press('\x15kinder\r');
    await screen.sees(/denied by \S+: kinder/);
    await screen.misses(/ a {2}approve/);
    // The next round is asked about anew, and approved.
    await say('1', `clear; echo more good >>work.txt; ${COORDTUI} ready --summary "warmer"`, /h-\w+ is ready/);
    await screen.sees(/ a {2}approve/);
    await decide('a', /✓ (done|approved)/);
    await screen.misses(/ a {2}approve/);
  });

  it('x in the panel cancels a run, V begins another round', async () => {
    halt();
    await command('assign instance-2-frontend --task "a form"');
    await screen.sees('a form');
    await say('2', `clear; ${COORDTUI} ready`, /h-\w+ is ready/);
    await screen.sees(/╭─ verification h-\w+ · round 1/);
    const panel = () => find('╭─ verification');
    screen.click(panel().x + 3, panel().y);
    await screen.sees(/x cancel the run/);
    screen.press('x');
    await screen.misses(/x cancel the run/);
    await screen.sees('the run was cancelled');
    screen.press('V');
    await screen.sees(/verification h-\w+ · round 2/);
    go();
    await screen.sees(/ a {2}approve/);
    // By the mouse this time: the options of a card can be clicked, and are guarded like its keys.
    await until('a click on "approve" to be taken', () => {
      if (/frontend → .*✓ (done|approved)/.test(screen.text())) return true;
      if (screen.text().includes(' a  approve')) screen.click(find(' a  approve').x + 5, find(' a  approve').y);
      return false;
    });
  });

  it('the queue: hold, priority, withdraw', async () => {
    await command('assign instance-2-frontend --task "a list"');
    await screen.sees(/frontend → .*a list/);
    const { x, y } = find('a list  ');
    screen.click(x, y);
    await screen.sees(/o hold/);
    screen.press('o');
    await screen.sees('on hold');
    screen.press('o');
    await screen.misses('on hold');
    await screen.sees(/medium/);
    screen.press('+');
    await screen.sees(/high/);
    screen.press('-');
    await screen.misses(/frontend → .*high/);
    screen.press('x');
    await screen.sees(/close h-\w+ without a decision/);
    screen.press(ESC);
    await screen.misses(/without a decision, because/);
    screen.press('x');
    await screen.sees(/close h-\w+ without a decision/);
    screen.press('not needed\r');
    await screen.sees('withdrawn');
  });

  it('the autopilot: p pauses it, P opens its dial', async () => {
    screen.press('p');
    await screen.sees(/autopilot ‖ paused/);
    screen.press('p');
    await screen.sees(/autopilot \? suggests/);
    screen.press('P');
    await screen.sees(/▸ suggest/);
    screen.press('countdown\r');
    await screen.misses(/autopilot \? suggests/);
    await command('autopilot suggest');
    await screen.sees(/autopilot \? suggests/);
  });

  it('zoom, scroll and help', async () => {
    await say('2', 'clear; seq 1 300', /300/);
    screen.press('z');
    await screen.misses('3 coordinator ─');
    // The session has the size of its new frame.
    await screen.sees(/[┃│]256 [\s\S]*[┃│]300 /);
    screen.press('[');
    screen.press('k', 'k', 'g');
    await screen.sees(/[┃│]1 /);
    screen.press('j');
    await screen.misses(/[┃│]1 /);
    await screen.sees(/[┃│]2 /);
    screen.press('G');
    await screen.sees(/[┃│]300 /);
    screen.press(ESC);
    await screen.misses('reading frontend');
    screen.press('z');
    await screen.sees('3 coordinator');
    screen.press('?');
    await screen.sees('type to filter');
    screen.press('whole window');
    await screen.sees('give the focus the whole window');
    await screen.misses('show all keys');
    screen.press(ESC);
    await screen.misses('type to filter');
  });

  it('the mouse: focus, wheel, a word of the footer', async () => {
    const first = find('1 planning-backend');
    screen.click(first.x + 2, first.y + 4);
    await screen.sees(/┏━ 1 planning-backend/);
    const second = find('2 frontend');
    screen.wheel(second.x + 2, second.y + 4, true);
    await screen.misses(/[┃│]300 /);
    screen.wheel(second.x + 2, second.y + 4, false);
    await screen.sees(/[┃│]300 /);
    const help = find('? help');
    screen.click(help.x, help.y);
    await screen.sees('type to filter');
    screen.press(ESC);
    await screen.misses('type to filter');
  });

  it('n says when nothing needs anybody; every card is walked through', async () => {
    screen.press('n');
    await screen.sees('nothing needs you');
  });
});
