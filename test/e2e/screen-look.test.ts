/** Looking back, as a person does it: scrolling, searching, selecting, copying; in the real program in a real pty. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenPlace } from './screen.ts';

const ESC = '\x1b';
const LEADER = '\x1d';

let place: ScreenPlace;
let screen: ScreenAt;

beforeAll(async () => {
  place = openScreenPlace('look');
  const editor = 'sh -c \'cp "$0" taken.txt; echo "$0" >path.txt; echo what the editor shows; while [ ! -e edited ]; do sleep 0.05; done\'';
  screen = openScreen(place.root, { cols: 130, rows: 40, env: { EDITOR: editor, VISUAL: '' } });
  await prompts(screen);
});
afterAll(async () => {
  await screen.close();
  await place.remove();
});

let turns = 0;

/** What runs in a pane, from its prompt to what it prints last; nothing that stood there before is taken for it. */
async function run(pane: '1' | '2', line: string, shows: RegExp): Promise<void> {
  screen.press(pane, '\r');
  await screen.sees('TYPING →');
  turns += 1;
  screen.press(`clear; echo emp""ty-${turns}.\r`);
  await screen.sees(`empty-${turns}.`);
  screen.press(`${line}\r`);
  await screen.sees(shows);
  screen.press(LEADER);
  await screen.misses('TYPING →');
}

const find = (text: string): { x: number; y: number } => {
  const lines = screen.text().split('\n');
  const y = lines.findIndex((line) => line.includes(text));
  if (y < 0) throw new Error(`"${text}" is not on the screen:\n${screen.text()}`);
  return { x: (lines[y] ?? '').indexOf(text), y };
};

const drag = (from: { x: number; y: number }, to: { x: number; y: number }): void => {
  screen.press(`${ESC}[<0;${from.x + 1};${from.y + 1}M`, `${ESC}[<32;${to.x + 1};${to.y + 1}M`, `${ESC}[<0;${to.x + 1};${to.y + 1}m`);
};

/** What reached the clipboard of the outer terminal, the newest last. */
const copied = (): string[] =>
  [...screen.raw().matchAll(/\x1b\]52;c;([A-Za-z0-9+/=]*)\x07/g)].map(([, text = '']) => Buffer.from(text, 'base64').toString());

async function copies(text: string, act: () => void): Promise<void> {
  const { length } = copied();
  act();
  await until(`the clipboard to get ${JSON.stringify(text)}`, () => copied().slice(length).includes(text));
  expect(copied().at(-1)).toBe(text);
}

describe('looking back', () => {
  it('the view stays on its lines while the program goes on, and says where it is', async () => {
    await run('1', 'clear; seq 1 200', /[┃│║]200 /);
    screen.press('[', 'g');
    await screen.sees(/[┃│║]1 /);
    await screen.sees(/↑ \d+\/\d+/);
    screen.press('q');
    await screen.misses(/↑ \d+\/\d+/);
    // It prints once the operator has looked away from its end.
    await run('1', 'clear; seq 1 200; while [ ! -e go ]; do sleep 0.05; done; seq 201 400', /[┃│║]200 /);
    screen.press('[', 'k', 'k', 'k');
    const before = await screen.sees(/↑ 3\/\d+/);
    const top = /[┃│║](\d+) /.exec(before.split('\n').slice(2).join('\n'))?.[1];
    writeFileSync(join(place.root, 'go'), '');
    await screen.sees(/↑ 20[0-9]\/\d+/);
    expect(/[┃│║](\d+) /.exec(screen.text().split('\n').slice(2).join('\n'))?.[1]).toBe(top);
    screen.press('G');
    await screen.sees('400');
    screen.press('q');
    await screen.misses('reading planning-backend');
  });

  it('searches as it is typed, marks what it finds, and walks through it', async () => {
    await run('1', 'clear; seq 1 300', /[┃│║]300 /);
    screen.press('/', '77');
    await screen.sees('3 of 3');
    await screen.sees(/[┃│║]277 /);
    screen.press('\r');
    await screen.misses('find:');
    screen.press('n');
    await screen.sees('2 of 3');
    await screen.sees(/[┃│║]177 /);
    screen.press('n', 'n');
    await screen.sees('3 of 3');
    screen.press('N');
    await screen.sees('1 of 3');
    const { x, y } = find('77 ');
    expect(screen.cell(x, y).text).toBe('7');
    screen.press('q');
    await screen.misses('1 of 3');
  });

  it('// searches in all panes and goes to where it is', async () => {
    await run('2', 'clear; echo nee""dle; seq 1 100', /[┃│║]100 /);
    screen.press('1', '/', '/', 'needle');
    await screen.sees('find in all panes:');
    await screen.sees(/[┃│║]needle /);
    screen.press('\r');
    await screen.sees('reading frontend');
    screen.press('q');
    await screen.misses('reading frontend');
  });

  it('a search that is given up puts the view back', async () => {
    await run('1', 'clear; seq 1 300', /[┃│║]300 /);
    screen.press('/', '177');
    await screen.sees(/[┃│║]177 /);
    screen.press(ESC);
    await screen.sees(/[┃│║]300 /);
    await screen.misses(/find:|reading/);
  });

  it('a drag inside a pane copies, joined where it was wrapped and without blanks', async () => {
    await run('1', `clear; printf 'one two  \\n%s\\nlast\\n' $(seq -s , 1 40)`, /[┃│║]last /);
    const one = find('one two');
    const last = find('last');
    const wrapped = Array.from({ length: 40 }, (_, index) => index + 1).join(',');
    await copies(`one two\n${wrapped}\nlast`, () => drag(one, { x: last.x + 3, y: last.y }));
    await screen.sees('copied 3 lines');
    screen.click(one.x, one.y);
  });

  it('a drag that is held above its pane goes on into the history, all of which is copied', async () => {
    await run('1', 'clear; seq 1 120', /[┃│║]120 /);
    const [last, title] = [find('120'), find('1 planning-backend')];
    screen.press(`${ESC}[<0;${last.x + 3};${last.y + 1}M`, `${ESC}[<32;${last.x + 1};${title.y + 1}M`);
    await screen.sees(/[┃│║]1 {5}/);
    const { length } = copied();
    screen.press(`${ESC}[<0;${last.x + 1};${title.y + 1}m`);
    await until('the clipboard to get it', () => copied().length > length);
    expect(copied().at(-1)).toContain(Array.from({ length: 120 }, (_, index) => index + 1).join('\n'));
    screen.click(last.x, last.y);
  });

  it('a drag stays inside its pane, a double click takes a word, a triple click the line', async () => {
    await run('2', 'clear; echo see src/a-b.ts: 漢字', /[┃│║]see src\/a-b.ts: 漢字/);
    const at = find('src/a-b');
    // In one piece each, so that no busy machine comes between two clicks of one; and each anew.
    const clicks = (count: number) => screen.press(`${ESC}[<0;${at.x + 3};${at.y + 1}M${ESC}[<0;${at.x + 3};${at.y + 1}m`.repeat(count));
    await copies('src/a-b.ts', () => clicks(2));
    screen.click(at.x, at.y);
    await copies('see src/a-b.ts: 漢字', () => clicks(3));
    const left = find('1 planning-backend');
    await copies('see src/a-b.ts', () => drag({ x: at.x + 9, y: at.y }, { x: left.x, y: at.y }));
    screen.click(at.x, at.y);
  });

  it('keys select too: v, motions, y', async () => {
    await run('1', 'clear; echo alpha beta gamma', /[┃│║]alpha beta gamma /);
    screen.press('[', '/', 'beta\r');
    await screen.sees(/of \d/);
    screen.press('v', 'e', 'w', 'e');
    await screen.sees('selecting by characters');
    await copies('beta gamma', () => screen.press('y'));
    screen.press('/', 'beta\r', 'V');
    await screen.sees('selecting by lines');
    await copies('alpha beta gamma', () => screen.press('y'));
    screen.press('q');
    await screen.misses('reading planning-backend');
  });

  it('the wheel over a program on the alternate screen is what it asked for: arrow keys, or a report of the mouse', async () => {
    await run('1', `clear; printf '\\033[?1049h'; stty -icanon -echo; echo al""t; dd bs=1 count=9 2>/dev/null | od -c`, /[┃│║]alt /);
    const pane = find('1 planning-backend');
    screen.wheel(pane.x + 4, pane.y + 3, true);
    await screen.sees(/033 {3}\[ {3}A 033 {3}\[ {3}A 033 {3}\[ {3}A/);
    await run('1', `clear; printf '\\033[?1000h\\033[?1006h'; echo mou""se; dd bs=1 count=10 2>/dev/null | od -c`, /[┃│║]mouse /);
    screen.wheel(pane.x + 4, pane.y + 3, false);
    await screen.sees(/033 {3}\[ {3}< {3}6 {3}5 {3};/);
    await run('1', `printf '\\033[?1000l\\033[?1006l\\033[?1049l'; stty sane; echo do""ne`, /done/);
  });

  it('E opens all of it, plain, in the operator’s own editor, and comes back', async () => {
    await run('1', `clear; printf 'first \\033[31mred\\033[0m\\n'; seq 1 200; echo last`, /[┃│║]last /);
    screen.press('[', 'E');
    await screen.sees('what the editor shows');
    const taken = readFileSync(join(place.root, 'taken.txt'), 'utf8');
    expect(taken).toMatch(/^first red\n1\n2\n/mu);
    expect(taken).not.toMatch(/[^\P{Cc}\n]/u);
    expect(screen.modesLeft()).toEqual([]);
    writeFileSync(join(place.root, 'edited'), '');
    await screen.sees('CONTROL · reading planning-backend');
    await screen.misses('what the editor shows');
    // The file is gone with the editor, and the keys are the room's again.
    expect(existsSync(readFileSync(join(place.root, 'path.txt'), 'utf8').trim())).toBe(false);
    screen.press('q');
    await screen.misses('reading planning-backend');
    const looker = openScreen(place.root, { cols: 130, rows: 40, args: ['--observe'] });
    await looker.sees('watching');
    looker.press('1', '[', 'E');
    await looker.sees('only looks on');
    await looker.close();
  });

  it('the log is searched and copied like every pane', async () => {
    screen.press('3', '/', 'session\r');
    await screen.sees(/\d of \d/);
    screen.press('V');
    const { length } = copied();
    screen.press('y');
    await until('the clipboard to get the line', () => copied().length > length);
    expect(copied().at(-1)).toMatch(/session/);
    screen.press('q');
    await screen.misses('reading');
  });
});
