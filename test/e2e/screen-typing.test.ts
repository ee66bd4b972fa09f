/** Typing into a session through the screen, and what a session can do to the terminal around it: nothing. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { openScreen, openScreenPlace, prompts, type ScreenAt, type ScreenPlace } from './screen.ts';

const LEADER = '\x1d';

let place: ScreenPlace;
let screen: ScreenAt;
let aside: string;
/** Marks what is printed, so that nothing that an earlier turn left is taken for it. */
let turns = 0;

beforeAll(async () => {
  aside = scratch('typed');
  place = openScreenPlace('typing');
  screen = openScreen(place.root);
  await prompts(screen);
  screen.press('1', '\r');
  await screen.sees('TYPING');
});
afterAll(async () => {
  await screen.close();
  await place.remove();
  rmSync(aside, { recursive: true, force: true });
});

/** What the program in the pane has read, once it has read that many bytes. */
async function reads(bytes: number, modes: string, send: () => void): Promise<string> {
  const turn = ++turns;
  const file = join(aside, `read-${turn}`);
  screen.press(
    `clear; printf '${modes}'; stty raw -echo; echo rea""dy-${turn}.; head -c ${bytes} >${file}; stty sane; echo ha""ve-${turn}.\r`,
  );
  await screen.sees(`ready-${turn}.`);
  send();
  await until(`${bytes} bytes to have been read`, () => existsSync(file) && statSync(file).size === bytes);
  await screen.sees(`have-${turn}.`);
  return readFileSync(file, 'latin1');
}

describe('typing', () => {
  it('every byte reaches the program as it is, but for the leader', async () => {
    const bytes = Array.from({ length: 128 }, (_, byte) => byte).filter((byte) => byte !== 0x1d && byte !== 0x1b);
    const typed = `${String.fromCharCode(...bytes)}\x1b[A\x1bOP\x1bx\x1b[1;5C\x1b[3~`;
    expect(await reads(typed.length, '', () => screen.press(typed))).toBe(typed);
  });

  it('the leader twice is a literal one, and the program goes on to have the keys', async () => {
    expect(await reads(3, '', () => screen.press('x', '\x1d', '\x1d', 'y'))).toBe('x\x1dy');
    await screen.sees('TYPING');
  });

  it('a paste of 100 KB arrives whole, without brackets for who did not ask for them, leaders and all', async () => {
    const text = `${'a line of text that is pasted, with a leader \x1d in it\n'.repeat(2_000)}`;
    expect(await reads(text.length, '', () => screen.press(`\x1b[200~${text}\x1b[201~`))).toBe(text);
    const bracketed = '\x1b[200~short\x1b[201~';
    expect(await reads(bracketed.length, '\\033[?2004h', () => screen.press(bracketed))).toBe(bracketed);
    await screen.sees('TYPING');
    screen.press(`printf '\\033[?2004l'\r`);
  });

  it('wide characters and emoji are typed and shown', async () => {
    screen.press('clear; echo "<漢字 né 👍>"\r');
    // Two cells for the emoji, also where a terminal gives it one.
    await screen.sees(/║<漢字 né 👍 ?> +║/);
  });

  it('a program that asks for the mouse gets it in its own coordinates, another one does not', async () => {
    const report = '\x1b[<0;5;3M';
    // The pane's first cell is the second of the second row; its row of text begins there.
    const send = () => screen.press('\x1b[<0;6;5M');
    const got = await reads(report.length, '\\033[?1049h\\033[?1000h\\033[?1006h', send);
    expect(got).toBe(report);
    screen.press(`printf '\\033[?1000l\\033[?1006l\\033[?1049l'\r`);
    await until('the mouse to be ours again', () => screen.modesLeft().includes('?1002'));
  });
});

describe('what a session prints', () => {
  it.each([
    ['the clipboard', '\\033]52;c;ZXZpbA==\\007', 'ZXZpbA'],
    ['a link that runs something', '\\033]8;;javascript:evil\\007link\\033]8;;\\007', 'javascript:evil'],
    ['a title', '\\033]2;eviltitle\\007', '\x1b]2;eviltitle'],
    ['a device string', '\\033P1$revil\\033\\\\', '$revil'],
    ['a private message', '\\033^evilpm\\033\\\\', 'evilpm'],
    ['the main screen', '\\033[?1049l', '\x1b[?1049l'],
    ['printing', '\\033[5i', '\x1b[5i'],
    ['a reset', '\\033c', '\x1bc'],
    ['an answer', '\\033[5n\\033[c\\033[>c', '\x1b[>c'],
    ['a window size', '\\033[8;10;10t', '\x1b[8;10;10t'],
    ['a cleared screen', '\\033[2J\\033[3J', '\x1b[3J'],
    ['a scrolling region', '\\033[3;5r', '\x1b[3;5r'],
  ])('%s stays inside', async (_what, printed, seen) => {
    const turn = ++turns;
    screen.press(`clear; echo be""fore-${turn}.\r`);
    await screen.sees(`before-${turn}.`);
    const from = screen.raw().length;
    screen.press(`printf '${printed}'; echo; echo af""ter-${turn}.\r`);
    await screen.sees(`after-${turn}.`);
    // As typed it stands there with a backslash; never as the sequence itself.
    const sequences = screen.raw(from).replaceAll(/\\033[^ ]*/g, '');
    expect(sequences).not.toContain(seen);
    expect(sequences).not.toMatch(/\x1b[\]P^_X]/);
    expect(screen.modesLeft()).toContain('?1049');
    // The frame around it stands.
    expect(screen.text()).toMatch(/3 coordinator[\s\S]*handoffs[\s\S]*verification[\s\S]*TYPING/);
  });

  it('a link is written anew, and ended', async () => {
    const from = screen.raw().length;
    screen.press(`clear; printf '\\033]8;;https://a.example/x\\007%s\\033]8;;\\007\\n' wh""ere\r`);
    await screen.sees('where');
    // Before anything else is written; the cursor may move first.
    expect(screen.raw(from)).toMatch(
      /\x1b\]8;id=\w+;https:\/\/a\.example\/x\x1b\\(\x1b\[[\d;]*m)?where(\x1b\[[\d;]*[GHKm])*\x1b\]8;;\x1b\\/,
    );
    screen.press('clear\r');
    await screen.misses('where');
  });

  it('a hidden cursor is hidden while its pane has the keys, and shown again after', async () => {
    screen.press(`clear; printf '\\033[?25l'; echo hid""den\r`);
    await screen.sees('hidden');
    await until('the cursor to be hidden', () => screen.modesLeft().includes('no ?25'));
    screen.press(`clear; printf '\\033[?25h'; echo sho""wn\r`);
    await screen.sees('shown');
    await until('the cursor to be shown', () => !screen.modesLeft().includes('no ?25'));
  });

  it('ctrl-] gives the keys back to the room', async () => {
    screen.press(LEADER);
    await screen.sees(/^ CONTROL/m);
    screen.press('?');
    await screen.sees('type to filter');
    screen.press('\x1b');
    await screen.misses('type to filter');
    screen.press('q');
    expect(await screen.exit()).toBe(0);
    expect(screen.modesLeft()).toEqual([]);
  });
});
