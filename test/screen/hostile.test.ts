/** Whatever a program prints, and wherever it is cut: the outer terminal gets nothing but sequences of ours, and nothing grows. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';
import { blit } from '../../src/screen/blit.ts';
import type { Depth } from '../../src/screen/depth.ts';
import { createGrid, fill } from '../../src/screen/grid.ts';
import { CONTROL_MODES, mirror, type OuterModes, outerModes } from '../../src/screen/modes.ts';
import { watchModes } from '../../src/screen/pane-modes.ts';
import { PLAIN_STYLE } from '../../src/screen/style.ts';
import { createWriter } from '../../src/screen/writer.ts';
import { hostileBytes, torn } from './hostile.ts';
import { foreign, isAnswer } from './strict.ts';
import { brokenCells, random } from './support.ts';

/** `FUZZ_ROUNDS=2000` for the long form. */
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 300);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const DEPTHS: readonly Depth[] = ['truecolor', '256', '16', 'none'];
const SIZES = [
  [24, 6],
  [80, 24],
  [2, 1],
  [7, 3],
] as const;

const open: Emulator[] = [];
afterEach(() => {
  for (const emulator of open.splice(0)) emulator.close();
});

/** A pane, its place on the screen, and the writer, as the client has them. */
function pane(cols: number, rows: number, depth: Depth) {
  const answers: string[] = [];
  const emulator = createEmulator({
    cols,
    rows,
    scrollbackLines: 50,
    promptEndsWork: false,
    onAnswer: (bytes) => answers.push(bytes.toString('latin1')),
  });
  open.push(emulator);
  const watch = watchModes(emulator.terminal);
  const grid = createGrid(cols + 2, rows + 2);
  let output = '';
  const write = (frame: string) => {
    output += frame;
    return true;
  };
  const writer = createWriter({ write }, depth);
  let outer: OuterModes = CONTROL_MODES;
  return {
    emulator,
    answers,
    grid,
    frame(scrolledBack: number) {
      fill(grid, { x: 0, y: 0, width: grid.cols, height: grid.rows }, '│', PLAIN_STYLE);
      const rect = { x: 1, y: 1, width: emulator.terminal.cols, height: emulator.terminal.rows };
      const { cursor } = blit(grid, emulator.terminal, rect, { scrolledBack, addressOf: emulator.addressOf });
      output = '';
      writer.paint(grid, cursor);
      const painted = output;
      const wanted = outerModes(watch.modes(), true);
      const modes = mirror(outer, wanted);
      outer = wanted;
      return { painted, modes };
    },
    close() {
      watch.close();
      emulator.close();
    },
  };
}

function round(subject: ReturnType<typeof pane>, seed: number): void {
  const next = random(seed);
  const bytes = hostileBytes(next, 30);
  for (const part of torn(next, bytes)) subject.emulator.feed(part);
  const { painted, modes } = subject.frame(next(4) === 0 ? next(60) : 0);
  const told = `seed ${seed}: ${JSON.stringify(bytes.toString('latin1')).slice(0, 2000)}`;
  expect(foreign(painted, subject.grid), told).toEqual([]);
  expect(foreign(modes, null), told).toEqual([]);
  // Two halves of a cluster that was cut may stand in one cell: the writer anchors behind it in any case.
  expect(
    brokenCells(subject.grid).filter((one) => !one.endsWith('not one cluster')),
    told,
  ).toEqual([]);
  expect(
    subject.answers.filter((answer) => !isAnswer(answer)),
    told,
  ).toEqual([]);
  subject.answers.length = 0;
  expect(subject.emulator.title(), told).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e]/u);
  // The frame around it is ours alone.
  expect(painted.length).toBeLessThan(200 * subject.grid.glyph.length + 2_000);
}

test.each(SIZES.map((size, at) => [...size, DEPTHS[at] ?? 'none'] as const))(
  `random bytes and sequences through a pane of %i×%i, ${ROUNDS} rounds (%s)`,
  (cols, rows, depth) => {
    const subject = pane(cols, rows, depth);
    for (let at = 0; at < ROUNDS; at++) {
      round(subject, SEED * 1_000_003 + cols * 10_007 + at);
      if (at % 50 === 49) subject.emulator.resize(cols, rows);
    }
    subject.close();
  },
);

test('the strict parser refuses what is not ours', () => {
  const size = { cols: 10, rows: 4 };
  const framed = (inside: string) => foreign(`\x1b[?2026h${inside}\x1b[?2026l`, size);
  expect(
    framed('\x1b[?25l\x1b[m\x1b[2J\x1b[4;10H\x1b[1;4:3;38;5;200;58:2::1:2:3ma\x1b[K\x1b]8;id=a1;http://a.example\x1b\\b\x1b]8;;\x1b\\\r'),
  ).toEqual([]);
  for (const wrong of [
    ...[
      '\x1b[3J',
      '\x1b[5;1H',
      '\x1b[1;11H',
      '\x1b[1K',
      '\x1b[6n',
      '\x1b[?1049l',
      '\x1b[38;5;256m',
      '\x1b[38;6;1m',
      '\x1b[1;m',
      '\x1bc',
      '\x1b[>4m',
    ],
    ...[
      '\x1b]0;a\x07',
      '\x1b]8;;javascript:a\x1b\\',
      '\x1b]8;id=a;http://a',
      '\x1b]8;id=a;http://a\x1b\\',
      '\x1bP1\x1b\\',
      '\n',
      '\x07',
      '\u009b',
      '\u202e',
      '\ud800',
      '\x1b',
    ],
  ])
    expect(framed(wrong), JSON.stringify(wrong)).not.toEqual([]);
  expect(foreign('a', size)).not.toEqual([]);
  expect(foreign('\x1b[?2026ha', size)).not.toEqual([]);
  expect(foreign('\x1b[?2026h', null)).not.toEqual([]);
});

test('wherever well-formed text is cut, the screen is the same', () => {
  for (let at = 0; at < ROUNDS; at++) {
    const next = random(SEED * 77_777 + at);
    // Without what is broken, and without what joins: whether a mark joins over a sequence is told differently by the emulator.
    const bytes = Buffer.from(
      hostileBytes(next, 20)
        .toString('utf8')
        .replaceAll(/[^\x00-\x7f漢字カ한é│─●…]/gu, ''),
    );
    const [whole, cut] = [pane(24, 6, '256'), pane(24, 6, '256')];
    whole.emulator.feed(bytes);
    for (const part of torn(next, bytes)) cut.emulator.feed(part);
    const told = `seed ${SEED * 77_777 + at}: ${JSON.stringify(bytes.toString('latin1')).slice(0, 2000)}`;
    expect(cut.emulator.text(60), told).toEqual(whole.emulator.text(60));
    expect(cut.frame(0), told).toEqual(whole.frame(0));
    expect(cut.answers, told).toEqual(whole.answers);
    whole.close();
    cut.close();
  }
});

test(`no table grows with the rounds`, () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const subject = pane(80, 24, 'truecolor');
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed / 1_000_000;
  };
  const run = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      for (const part of torn(random(at), hostileBytes(random(at), 60))) subject.emulator.feed(part);
      subject.frame(0);
      subject.answers.length = 0;
    }
  };
  run(0, ROUNDS);
  const before = heap();
  run(ROUNDS, 3 * ROUNDS);
  expect(heap() - before).toBeLessThan(15);
  const cells = subject.grid.glyph.length;
  expect(subject.grid.clusters.size).toBeLessThanOrEqual(cells);
  expect(subject.grid.links.size).toBeLessThanOrEqual(cells);
  expect(subject.emulator.programStatus().length).toBeLessThanOrEqual(256);
  expect(subject.emulator.promptRows().length).toBeLessThanOrEqual(500);
  expect(subject.emulator.terminal.markers.length).toBeLessThanOrEqual(1);
  subject.close();
});
