/** Recordings: asciicast v2 to the letter, whole characters, a ring, and never in anybody's way. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCast } from '../../src/pane/cast-file.ts';
import { createEmulator, type Emulator } from '../../src/pane/emulator.ts';
import { createGround } from '../../src/pane/ground.ts';
import { keyframe } from '../../src/pane/keyframe.ts';
import { createRecorder, type Recorder } from '../../src/pane/recorder.ts';
import { parseCast, play, screenOf } from '../support/cast.ts';
import { until } from '../support/until.ts';

let folder: string;
let place: string;
const open: Emulator[] = [];
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), 'cast-'));
  folder = path.join(place, 'a', 'b');
});
afterEach(() => {
  for (const emulator of open.splice(0)) emulator.close();
  rmSync(place, { recursive: true, force: true });
});

function emulator(cols = 40, rows = 10): Emulator {
  const made = createEmulator({ cols, rows, scrollbackLines: 500, promptEndsWork: false, onAnswer: () => {} });
  open.push(made);
  return made;
}

type Recorded = {
  readonly screen: Emulator;
  readonly recorder: Recorder;
  readonly troubles: string[];
  feed(bytes: Uint8Array | string): void;
};

function record(maxBytes = 8 * 1024 * 1024, at = folder, onWritten = () => {}, after?: Promise<void>): Recorded {
  const screen = emulator();
  const troubles: string[] = [];
  const recorder = createRecorder({
    terminal: screen.terminal,
    folder: at,
    ring: { maxBytes, maxAgeMs: 3_600_000 },
    title: 'a test',
    mark: 'started',
    after,
    onWritten,
    onTrouble: (why) => troubles.push(why),
  });
  return {
    screen,
    recorder,
    troubles,
    feed(bytes) {
      const data = Buffer.from(bytes as string);
      screen.feed(data);
      recorder.output(data);
    },
  };
}

async function castText(at = folder): Promise<string> {
  let text = '';
  const reader = openCast(at, (part) => {
    text += part;
  });
  await reader.readOn();
  await reader.close();
  return text;
}

const SAMPLES = [
  'plain',
  '\x1b[31;1mred\x1b[0m',
  '\x1b]0;title\x07after',
  '\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\',
  '\x1bP1$r0m\x1b\\x',
  '\x1b(0qqq\x1b(B',
  'äöü → 漢字 👩‍👩‍👧‍👦 ❤️',
  '\x1b[38;2;1;2;3mrgb\x1b[m',
];

describe('where a stream may be cut', () => {
  test('never in a sequence or a character, in whatever pieces it comes', () => {
    for (const sample of SAMPLES) {
      const bytes = Buffer.from(sample);
      for (const piece of [1, 2, 3, bytes.length]) {
        const ground = createGround();
        for (let at = 0; at < bytes.length; at += piece) {
          ground.push(bytes.subarray(at, at + piece));
          if (!ground.here) continue;
          // A letter that is put in there is seen, and what follows means what it meant.
          const cut = Math.min(at + piece, bytes.length);
          const [with_, without] = [emulator(), emulator()];
          with_.feed(Buffer.concat([bytes.subarray(0, cut), Buffer.from('\x1b[9;1H\x1b[0m#'), Buffer.from(`\x1b[1;1H${sample}`)]));
          without.feed(Buffer.from(`${sample}\x1b[9;1H\x1b[0m#\x1b[1;1H${sample}`));
          expect([sample, cut, with_.text(10)[8]]).toEqual([sample, cut, '#']);
        }
        expect([sample, piece, ground.here]).toEqual([sample, piece, true]);
      }
    }
  });

  test.each(['\x1b', '\x1b[', '\x1b[3', '\x1b]0;t', '\x1b]0;t\x1b', '\x1bP', '\x1bPx\x07', '\x1b(', '\xe2\x82', '\xf0', '\xf0\x9f\x98'])(
    'not after %j',
    (begun) => {
      const ground = createGround();
      ground.push(Buffer.from(`x${begun}`, 'latin1'));
      expect(ground.here).toBe(false);
    },
  );
});

describe('a screen kept whole', () => {
  test.each([
    ['colours and attributes', SAMPLES.join('\r\n')],
    ['a full row that waits to wrap', `${'x'.repeat(40)}`],
    ['a wide character at the edge that waits to wrap', `${'x'.repeat(38)}漢`],
    ['the pen that goes on', 'a\x1b[1;3;4;7;38;5;200;48;2;1;2;3mb'],
    ['the other screen', 'below\x1b[?1049hover\x1b[5;5H\x1b[41mthere'],
    ['margins and modes', '\x1b[3;7r\x1b[?2004h\x1b[?1h\x1b[?1002h\x1b[?1004h\x1b[5;1Hin'],
    ['a background to the end of the line', '\x1b[44m\x1b[K\r\n\x1b[2K'],
    ['a long history', Array.from({ length: 300 }, (_, line) => `line ${line}`).join('\r\n')],
  ])('%s', (_what, output) => {
    const [first, second] = [emulator(), emulator()];
    first.feed(Buffer.from(output));
    second.feed(Buffer.from(`rubbish\x1b[31m\x1b[?1049h${keyframe(first.terminal)}`));
    expect(screenOf(second.terminal)).toEqual(screenOf(first.terminal));
    // And what comes then does the same to both.
    for (const one of [first, second]) one.feed(Buffer.from('Z\r\n\n\n\n\n\n\n\n\nend'));
    expect(screenOf(second.terminal)).toEqual(screenOf(first.terminal));
    expect(second.terminal.modes).toEqual(first.terminal.modes);
  });
});

describe('a recording', () => {
  test('is a strict asciicast, with sizes and marks, no character in halves, and plays to the same screen', async () => {
    const { screen, recorder, feed, troubles } = record();
    const bytes = Buffer.from(`${SAMPLES.join('\r\n')}\r\n漢字 →\r\n`.replace(/👩.*❤️/u, ''));
    for (const byte of bytes) feed(Buffer.of(byte));
    screen.resize(60, 12);
    recorder.mark('h-1: ready');
    feed('after the resize ✓');
    feed(Buffer.from([0xff, 0xe2, 0x82]));
    await recorder.close('ended');
    const cast = parseCast(await castText());
    expect(cast.header).toMatchObject({ version: 2, width: 40, height: 10, title: 'a test' });
    expect(cast.events.filter(({ code }) => code === 'm').map(({ data }) => data)).toEqual(['started', 'h-1: ready', 'ended']);
    expect(cast.events.filter(({ code }) => code === 'r').map(({ data }) => data)).toEqual(['60x12']);
    expect(cast.events.some(({ data }) => data.includes('漢字'))).toBe(false);
    const whole = cast.events.flatMap(({ code, data }) => (code === 'o' ? [data] : [])).join('');
    expect(whole).toContain('äöü → 漢字');
    expect(await play(cast)).toEqual(screenOf(screen.terminal));
    expect(troubles).toEqual([]);
  });

  test('is a ring: the oldest goes, what is left plays to the same screen', async () => {
    const max = 64 * 1024;
    const { screen, recorder, feed } = record(max);
    for (let line = 0; line < 4_000; line++) {
      feed(`\x1b[3${line % 8}mline ${line} ${'→'.repeat(8)}\r\n`);
      if (line % 100 === 0) await recorder.flushed();
    }
    await recorder.close('ended');
    const sizes = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(max + max / 4);
    const cast = parseCast(await castText());
    expect(cast.events.some(({ data }) => data.includes('line 10 '))).toBe(false);
    expect(await play(cast)).toEqual(screenOf(screen.terminal));
  });

  test('under a flood keeps screens instead of bytes, in little memory, and the last one is right', async () => {
    const { screen, recorder, feed } = record();
    const chunk = Buffer.from(Array.from({ length: 1_000 }, (_, line) => `\x1b[3${line % 8}mflood ${line} ${'x'.repeat(20)}\r\n`).join(''));
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 400; round++) feed(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    feed('\x1b[2');
    feed('Jthe end\r\n');
    await recorder.close('ended');
    const text = await castText();
    expect(text.length).toBeLessThan(chunk.length * 40);
    expect(await play(parseCast(text))).toEqual(screenOf(screen.terminal));
  });

  test('several sessions one after the other are one recording', async () => {
    const first = record();
    first.feed('first session\r\n');
    await first.recorder.close('ended (exit 0)');
    const second = record();
    second.screen.resize(30, 8);
    second.feed('second session');
    await second.recorder.close('ended (exit 1)');
    const cast = parseCast(await castText());
    expect(cast.events.filter(({ code }) => code === 'm').map(({ data }) => data)).toEqual([
      'started',
      'ended (exit 0)',
      'started',
      'ended (exit 1)',
    ]);
    expect(await play(cast)).toEqual(screenOf(second.screen.terminal));
  });

  test('begins no file while the one before it is still being written: who follows would leave that too early', async () => {
    let whole = () => {};
    const former = new Promise<void>((resolve) => {
      whole = resolve;
    });
    const { recorder, feed } = record(undefined, folder, undefined, former);
    feed('second');
    let closed = false;
    const closing = recorder.close('ended').then(() => {
      closed = true;
    });
    // One that waits for nothing has come to its end meanwhile.
    await record(undefined, path.join(place, 'other')).recorder.close('ended');
    expect([closed, existsSync(folder)]).toEqual([false, false]);
    whole();
    await closing;
    expect(await castText()).toContain('second');
  });

  test('is read on as it grows, over the files of the ring, sizes, marks and the next session, as if it were read at the end', async () => {
    let written = 0;
    const onWritten = () => {
      written += 1;
    };
    const { screen, recorder, feed } = record(512 * 1024, folder, onWritten);
    let text = '';
    const reader = openCast(folder, (part) => {
      expect(part.endsWith('\n')).toBe(true);
      text += part;
    });
    const flushed = async (one: Recorder) => {
      const before = written;
      await one.flushed();
      expect(written).toBeGreaterThan(before);
    };
    for (let round = 0; round < 30; round++) {
      for (let line = 0; line < 100; line++) feed(`\x1b[3${line % 8}mround ${round} line ${line} ${'→'.repeat(8)}\r\n`);
      if (round === 10) screen.resize(50, 12);
      if (round === 20) recorder.mark('h-1: ready');
      await flushed(recorder);
      expect(await reader.readOn()).toBe(true);
      parseCast(text);
      expect(text).toContain(`round ${round} line 99 `);
    }
    expect(readdirSync(folder).length).toBeGreaterThan(2);
    await recorder.close('ended');
    const second = record(512 * 1024, folder, onWritten);
    second.feed('the second session\r\n');
    await flushed(second.recorder);
    await reader.readOn();
    await reader.readOn();
    expect(text).toBe(await castText());
    expect(await play(parseCast(text))).toEqual(screenOf(second.screen.terminal));
    await second.recorder.close('ended');
    await reader.close();
  });

  test('a line whose end is not written yet waits for it', async () => {
    const { recorder, feed } = record();
    feed('whole');
    await recorder.flushed();
    let text = '';
    const reader = openCast(folder, (part) => {
      text += part;
    });
    await reader.readOn();
    const whole = text;
    const [name = ''] = readdirSync(folder);
    const grow = (bytes: string | Uint8Array) => writeFileSync(path.join(folder, name), bytes, { flag: 'a' });
    const arrow = Buffer.from('→');
    grow('[9.000000, "o", "half ');
    grow(arrow.subarray(0, 2));
    await reader.readOn();
    expect(text).toBe(whole);
    grow(arrow.subarray(2));
    grow('"]\n');
    await reader.readOn();
    expect(text.slice(whole.length)).toBe('[9.000000, "o", "half →"]\n');
    await reader.close();
    await recorder.close('ended');
  });

  test('nothing was recorded: said, and what begins later is read on', async () => {
    let text = '';
    const reader = openCast(folder, (part) => {
      text += part;
    });
    expect(await reader.readOn()).toBe(false);
    const { recorder, feed } = record();
    feed('later');
    await recorder.flushed();
    expect(await reader.readOn()).toBe(true);
    expect(text).toContain('later');
    await reader.close();
    await recorder.close('ended');
  });

  test('a file that a crash has cut is played as far as it goes', async () => {
    const { recorder, feed } = record();
    feed('before the crash');
    await recorder.flushed();
    const [name = ''] = readdirSync(folder);
    writeFileSync(path.join(folder, name), '[1.0, "o", "half a li', { flag: 'a' });
    const cast = parseCast(await castText());
    expect(cast.events.at(-1)?.data).toBe('before the crash');
    await recorder.close('ended');
  });

  test('is its owner’s alone, in a directory of his own that is no link', async () => {
    const { recorder } = record();
    await recorder.close('ended');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).map((name) => statSync(path.join(folder, name)).mode & 0o777)).toEqual([0o600]);
    const elsewhere = path.join(place, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, path.join(place, 'link'));
    const other = record(undefined, path.join(place, 'link'));
    await until('the refusal', () => other.troubles.length > 0);
    expect(other.troubles[0]).toContain('is not a directory');
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test('a write error ends it with one sentence, and nothing else', async () => {
    writeFileSync(path.join(place, 'a'), 'in the way');
    const { recorder, feed, troubles, screen } = record();
    for (let line = 0; line < 100; line++) feed(`line ${line}\r\n`);
    await until('the trouble to be told', () => troubles.length > 0);
    feed('it goes on');
    screen.resize(50, 12);
    recorder.mark('x');
    await recorder.flushed();
    await recorder.close('ended');
    expect(troubles).toHaveLength(1);
    expect(screen.text(1)).toEqual(['it goes on']);
  });

  test.skipIf(!canMount())('a full disk ends it with one sentence', async () => {
    const disk = path.join(place, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]);
    try {
      const { recorder, feed, troubles } = record(undefined, path.join(disk, 'r'));
      for (let line = 0; line < 3_000 && troubles.length === 0; line++) {
        feed(`line ${line} ${'x'.repeat(30)}\r\n`);
        if (line % 100 === 0) await recorder.flushed();
      }
      await recorder.close('ended');
      expect(troubles).toEqual([expect.stringContaining('ENOSPC')]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const at = mkdtempSync(path.join(tmpdir(), 'mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', at], { stdio: 'ignore' });
    execFileSync('umount', [at], { stdio: 'ignore' });
    return true;
  } catch {
    // In most containers not even root may.
    return false;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
}
