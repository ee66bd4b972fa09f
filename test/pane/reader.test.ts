/** Looking back: a view that stays on its content, what is selected in it, and what is found. */
import { afterEach, describe, expect, it } from 'vitest';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';
import { createReader, type Reader, type SelectBy } from '../../src/pane/reader.ts';
import { until } from '../support/until.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0).reverse()) one.close();
});

type Size = { readonly cols?: number; readonly rows?: number; readonly scrollbackLines?: number };

function reading(text: string, { cols = 20, rows = 5, scrollbackLines = 100 }: Size = {}): { emulator: Emulator; reader: Reader } {
  const emulator = createEmulator({ cols, rows, scrollbackLines, promptEndsWork: false, onAnswer: () => undefined });
  emulator.feed(Buffer.from(text));
  const reader = createReader({ ...emulator, changed: () => undefined });
  open.push(emulator, reader);
  reader.see(rows);
  return { emulator, reader };
}

const lines = (from: number, to: number): string => Array.from({ length: to - from }, (_, index) => `line ${from + index}\r\n`).join('');

function view({ emulator, reader }: { emulator: Emulator; reader: Reader }): string[] {
  const { active } = emulator.terminal.buffer;
  const top = reader.max() - reader.back();
  return Array.from({ length: emulator.terminal.rows }, (_, row) => active.getLine(top + row)?.translateToString(true) ?? '');
}

describe('a view that was scrolled back', () => {
  it('stays on its lines while the program goes on, also when the ring drops lines', () => {
    const one = reading(lines(0, 60), { scrollbackLines: 50 });
    one.reader.scroll(20);
    const seen = view(one);
    expect(seen[0]).toBe('line 36');
    for (let at = 60; at < 70; at++) one.emulator.feed(Buffer.from(lines(at, at + 1)));
    expect(view(one)).toEqual(seen);
    expect(one.reader.max()).toBe(50);
    for (let at = 70; at < 120; at++) one.emulator.feed(Buffer.from(lines(at, at + 1)));
    // Its lines are gone: the oldest that there are.
    expect(one.reader.back()).toBe(50);
    one.reader.toEnd();
    one.emulator.feed(Buffer.from('the end'));
    expect(view(one).at(-1)).toBe('the end');
  });

  it.each([7, 12, 19, 33, 80])('stays on its line when everything is wrapped anew for %i columns', (cols) => {
    const text = Array.from({ length: 40 }, (_, index) => `${index} ${'漢字 and words '.repeat(index % 4)}\r\n`).join('');
    const one = reading(text, { cols: 20, scrollbackLines: 400 });
    one.reader.scroll(30);
    const at = one.reader.max() - one.reader.back();
    const first = view(one)[0] ?? '';
    one.emulator.resize(cols, 9);
    one.emulator.resize(20, 5);
    expect(view(one)[0]).toBe(first);
    expect(one.reader.max() - one.reader.back()).toBe(at);
  });

  it('render.md section 9: an alternate screen has no history, and going to it or back begins at the end', () => {
    const one = reading(lines(0, 40));
    one.reader.scroll(10);
    one.emulator.feed(Buffer.from('\x1b[?1049hfull screen'));
    expect([one.reader.back(), one.reader.max()]).toEqual([0, 0]);
    one.reader.scroll(10);
    expect(one.reader.back()).toBe(0);
    one.emulator.feed(Buffer.from('\x1b[?1049l'));
    expect(one.reader.back()).toBe(0);
  });

  it('survives that the history is erased, and that the terminal is reset', () => {
    const one = reading(lines(0, 40));
    one.reader.scroll(10);
    one.emulator.feed(Buffer.from('\x1b[3J'));
    expect([one.reader.back(), one.reader.max()]).toEqual([0, 0]);
    one.emulator.feed(Buffer.from(lines(40, 80)));
    one.reader.scroll(10);
    one.emulator.feed(Buffer.from('\x1bcnew'));
    expect(one.reader.back()).toBe(0);
    expect(view(one)[0]).toBe('new');
  });

  it('counts anew after a time in which nobody read', () => {
    const one = reading(lines(0, 40));
    one.reader.scroll(10);
    one.reader.toEnd();
    one.emulator.feed(Buffer.from(`\x1b[H\x1b[2J\x1b[3J${lines(0, 40)}`));
    one.reader.scroll(10);
    const seen = view(one);
    one.emulator.feed(Buffer.from(lines(40, 60)));
    expect(view(one)).toEqual(seen);
    one.emulator.feed(Buffer.from(lines(60, 120)));
    expect(view(one)).toEqual(seen);
  });

  it('jumps to the prompts that a shell has marked', () => {
    const prompt = (name: string) => `\x1b]133;A\x07$ ${name}\r\n${lines(0, 10)}`;
    const one = reading(['one', 'two', 'three'].map(prompt).join(''));
    expect(one.reader.prompts(-1)).toBe(true);
    expect(view(one)[0]).toBe('$ three');
    one.reader.prompts(-1);
    expect(view(one)[0]).toBe('$ two');
    one.emulator.resize(13, 5);
    one.reader.prompts(-1);
    expect(view(one)[0]).toBe('$ one');
    expect(one.reader.prompts(-1)).toBe(false);
    one.reader.prompts(1);
    expect(view(one)[0]).toBe('$ two');
  });
});

describe('what is selected', () => {
  const drag = (text: string, from: [number, number], to: [number, number], by: SelectBy = 'character', size: Size = {}): string => {
    const { reader } = reading(text, size);
    reader.point(...from, by, false);
    reader.point(...to, by, true);
    return reader.selected();
  };

  it.each<[string, string, [number, number], [number, number], SelectBy, string]>([
    ['characters, both ends included', 'hello world', [2, 0], [6, 0], 'character', 'llo w'],
    ['backwards the same', 'hello world', [6, 0], [2, 0], 'character', 'llo w'],
    ['no blanks at the ends of lines', 'one   \r\n\r\n  two \x1b[41m   ', [0, 0], [19, 2], 'character', 'one\n\n  two'],
    ['cells that the cursor jumped over are blanks', 'a\x1b[5Cb', [0, 0], [10, 0], 'character', 'a     b'],
    ['wide characters whole, by either half', '漢字漢字', [3, 0], [4, 0], 'character', '字漢'],
    ['clusters whole', 'e\u0301\u200d👍🏽x', [0, 0], [5, 0], 'character', 'e\u0301\u200d👍🏽x'],
    ['a word: a path is one', 'see src/a-b.ts: ok', [7, 0], [7, 0], 'word', 'src/a-b.ts'],
    ['words, when it is dragged on', 'one two three four', [5, 0], [9, 0], 'word', 'two three'],
    ['a blank is itself', 'one two', [3, 0], [3, 0], 'word', ''],
    ['whole lines', 'first line\r\nsecond\r\nthird', [4, 0], [2, 1], 'line', 'first line\nsecond'],
  ])('%s', (_what, text, from, to, by, wanted) => {
    expect(drag(text, from, to, by)).toBe(wanted);
  });

  it('joins what was wrapped, also where a wide character did not fit', () => {
    expect(drag('abcdefghi漢字 tail', [0, 0], [9, 1], 'character', { cols: 10 })).toBe('abcdefghi漢字 tail');
    expect(drag('0123456789abcdef', [3, 1], [3, 1], 'line', { cols: 10 })).toBe('0123456789abcdef');
  });

  it('peers section 7: takes no control characters along', () => {
    const text = drag('a\u202eb\x1b]52;c;AAAA\x07c\u0085d', [0, 0], [19, 4]);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
  });

  it('stays on its content while lines come in, and through a new width', () => {
    const { reader, emulator } = reading(`${lines(0, 30)}find me here\r\n`);
    reader.point(5, 3, 'character', false);
    reader.point(6, 3, 'character', true);
    expect(reader.selected()).toBe('me');
    emulator.feed(Buffer.from(lines(30, 60)));
    expect(reader.selected()).toBe('me');
    emulator.resize(9, 4);
    expect(reader.selected()).toBe('me');
    reader.unselect();
    expect([reader.selected(), reader.back()]).toEqual(['', 0]);
  });

  it('is moved by the motions of vi', () => {
    const { reader } = reading('alpha beta-gamma delta\r\nsecond line 漢字', { cols: 40 });
    const walk = (...motions: Parameters<Reader['move']>[0][]): string => {
      reader.unselect();
      reader.point(0, 0, 'character', false);
      for (const motion of motions) reader.move(motion);
      return reader.selected();
    };
    expect(walk('word-end')).toBe('alpha');
    expect(walk('word')).toBe('alpha b');
    expect(walk('word', 'word')).toBe('alpha beta-');
    expect(walk('line-end')).toBe('alpha beta-gamma delta');
    expect(walk('word', 'word', 'word-back')).toBe('alpha b');
    expect(walk('down')).toBe('alpha beta-gamma delta\ns');
    expect(walk('down', 'line-end', 'left')).toBe('alpha beta-gamma delta\nsecond line 漢');
    expect(walk('word', 'word', 'word', 'word', 'word')).toBe('alpha beta-gamma delta\ns');
    reader.swap();
    reader.move('right');
    expect(reader.selected()).toBe('lpha beta-gamma delta\ns');
  });

  it('scrolls when it is dragged beyond the edge', () => {
    const { reader } = reading(lines(0, 40));
    reader.point(0, 2, 'character', false);
    for (let step = 0; step < 6; step++) reader.point(0, -1, 'character', true);
    expect(reader.back()).toBe(6);
    expect(reader.selected().split('\n')).toHaveLength(9);
  });
});

describe('what is found', () => {
  const next = (reader: Reader, down = false, from: 'here' | 'begun' | 'far' = 'here'): Promise<boolean> =>
    new Promise((resolve) => reader.next(from, down, resolve));

  it('smart case: a capital letter matters as soon as there is one', async () => {
    const { reader } = reading('Error\r\nerror\r\nERROR\r\nnone');
    const count = async (text: string): Promise<number> => {
      reader.lookFor(text);
      return (await until('the count', () => reader.found())).count;
    };
    expect([await count('error'), await count('Error'), await count('ERR')]).toEqual([3, 1, 1]);
    reader.lookFor('');
    expect([reader.found(), reader.marks()]).toEqual([null, []]);
  });

  it('upwards from the view, across wrapped rows, with wide characters before it', async () => {
    const one = reading(`漢字 target one\r\n${lines(0, 30)}${'x'.repeat(15)}target two\r\n${lines(0, 20)}`, { scrollbackLines: 200 });
    one.reader.beginFind();
    one.reader.lookFor('target');
    expect(await next(one.reader, false, 'begun')).toBe(true);
    await until('the count', () => one.reader.found()?.index === 2);
    const found = one.reader.marks().filter(({ look }) => look === 'found');
    expect(found).toEqual([
      { row: 31, from: 15, end: 20, look: 'found' },
      { row: 32, from: 0, end: 1, look: 'found' },
    ]);
    expect(await next(one.reader)).toBe(true);
    expect(one.reader.marks().find(({ look }) => look === 'found')).toEqual({ row: 0, from: 5, end: 11, look: 'found' });
    expect(await next(one.reader)).toBe(false);
    expect(await next(one.reader, false, 'far')).toBe(true);
    expect(await next(one.reader, true, 'far')).toBe(true);
    one.reader.endFind(false);
    expect(one.reader.back()).toBe(0);
  });

  it('a letter that becomes two in lower case shifts nothing', async () => {
    const { reader } = reading('İİİ needle');
    reader.lookFor('needle');
    expect(await next(reader, false, 'far')).toBe(true);
    expect(reader.marks().find(({ look }) => look === 'found')).toMatchObject({ from: 4, end: 10 });
  });

  it('never holds the loop for long: 3 × 10,000 lines in slices', async () => {
    const three = Array.from({ length: 3 }, (_, pane) =>
      reading(Array.from({ length: 10_000 }, (__, index) => `${pane} ${index} some words of a log line that is long\r\n`).join(''), {
        cols: 66,
        rows: 48,
        scrollbackLines: 10_000,
      }),
    );
    let over = 0;
    let slices = 0;
    let running = true;
    const watch = (): void => {
      slices++;
      if (running) setImmediate(watch);
    };
    watch();
    for (const { reader } of three) {
      reader.lookFor('nowhere');
      reader.next('far', false, () => over++);
    }
    await until('all three to be searched', () => over === 3 && three.every(({ reader }) => reader.found() !== null));
    running = false;
    // Each pane is searched twice, for a match and for their number: the loop has turned many times meanwhile.
    expect(slices).toBeGreaterThan(6);
  });

  it('a search goes on while the program prints, and ends when its terminal does', async () => {
    const { reader, emulator } = reading(`needle\r\n${lines(0, 9_000)}`, { scrollbackLines: 10_000 });
    reader.lookFor('needle');
    const found = next(reader, false, 'far');
    emulator.feed(Buffer.from(lines(0, 500)));
    expect(await found).toBe(true);
    expect(view({ reader, emulator })).toContain('needle');
    reader.lookFor('gone');
    reader.close();
  });
});
