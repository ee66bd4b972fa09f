import { Box, render, Text } from 'ink';
import { createElement } from 'react';
import { describe, expect, test } from 'vitest';
import { drawChrome } from '../../src/screen/chrome.ts';
import { createGrid, rowText, styleAt } from '../../src/screen/grid.ts';
import { palette } from '../../src/screen/style.ts';
import { createVirtualStdin, createVirtualStdout } from '../../src/screen/virtual-stdout.ts';
import { until } from '../support/until.ts';

function screen(title: string, width: number) {
  return createElement(Box, { width, height: 3, borderStyle: 'round' }, createElement(Text, { color: 'green' }, title));
}

describe('Ink on a virtual terminal', () => {
  test('one frame for each render, whole, and cells from it; nothing of it on the real one', async () => {
    const frames: string[] = [];
    const stdout = createVirtualStdout({ cols: 20, rows: 5 }, (frame) => frames.push(frame));
    const real: string[] = [];
    const write = process.stdout.write;
    process.stdout.write = (chunk: unknown) => {
      real.push(String(chunk));
      return true;
    };
    try {
      const options = { stdout: stdout.stream, stdin: createVirtualStdin(), debug: true, exitOnCtrlC: false, patchConsole: false };
      const ink = render(screen('漢字 ok', 20), options);
      await until('a frame', () => frames.length > 0);
      const grid = createGrid(20, 5);
      drawChrome(grid, frames.at(-1) ?? '');
      expect([0, 1, 2].map((y) => rowText(grid, y))).toEqual(['╭──────────────────╮', '│漢字 ok           │', '╰──────────────────╯']);

      const before = frames.length;
      stdout.resize(12, 5);
      ink.rerender(screen('small', 12));
      await until('the small frame', () => (frames.at(-1) ?? '').includes('small'));
      expect(frames.length).toBeGreaterThan(before);
      const left = frames.length;
      const gone = ink.waitUntilExit();
      ink.unmount();
      await gone;
      for (const frame of frames.slice(left)) expect(frame).toContain('small');
    } finally {
      process.stdout.write = write;
    }
    expect(real.filter((text) => text.includes('╭') || text.includes('\x1b[?25'))).toEqual([]);
  });

  test('what is no frame is none', () => {
    const frames: string[] = [];
    const { stream } = createVirtualStdout({ cols: 20, rows: 5 }, (frame) => frames.push(frame));
    for (const chunk of ['', '\x1b[?25h', '\x1b[?2026h\x1b[?2026l', 'x', '\x1b[32mx\x1b[39m', '\n', '\n\n']) stream.write(chunk);
    expect(frames).toEqual(['x', '\x1b[32mx\x1b[39m', '\n\n']);
    const grid = createGrid(3, 1);
    drawChrome(grid, frames[1] ?? '');
    expect(styleAt(grid, 0).fg).toBe(palette(2));
  });
});
