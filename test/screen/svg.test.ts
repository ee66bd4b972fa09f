import { expect, test } from 'vitest';
import { createGrid, text } from '../../src/screen/grid.ts';
import { ATTR, PLAIN_STYLE, palette, rgb } from '../../src/screen/style.ts';
import { DARK, LIGHT, toSvg } from '../../src/screen/svg.ts';

test('text in its place, neighbours that look alike as one piece, wide ones alone', () => {
  const grid = createGrid(12, 2);
  text(grid, 1, 0, 'ok 漢😀!', { ...PLAIN_STYLE, fg: palette(2) });
  text(grid, 0, 1, 'bold', { ...PLAIN_STYLE, attributes: ATTR.bold });
  const svg = toSvg(grid, DARK, 'The room');
  expect([...svg.matchAll(/<text x="([\d.]+)"[^>]*>([^<]*)</gu)].map(([, x, content]) => [x, content])).toEqual([
    ['20.4', 'ok '],
    ['45.6', '漢'],
    ['62.4', '😀'],
    ['79.2', '!'],
    ['12', 'bold'],
  ]);
  expect(svg).toContain(`fill="${DARK.colours[2]}"`);
  expect(svg).toMatch(/font-weight="bold"[^>]*>bold</u);
  expect(toSvg(grid, LIGHT, 'The room')).toContain(`fill="${LIGHT.colours[2]}"`);
});

test('backgrounds, inverse and colours of their own', () => {
  const grid = createGrid(4, 1);
  text(grid, 0, 0, 'a', { ...PLAIN_STYLE, attributes: ATTR.inverse });
  text(grid, 1, 0, 'b', { ...PLAIN_STYLE, bg: rgb(0x010203), fg: palette(231) });
  const svg = toSvg(grid, DARK, 't');
  expect(svg).toMatch(new RegExp(`<rect x="12"[^>]* fill="${DARK.foreground}"/>\\n<text[^>]* fill="${DARK.background}"[^>]*>a<`, 'u'));
  expect(svg).toMatch(/fill="#010203"\/>\n<text[^>]* fill="#ffffff"[^>]*>b</u);
});

test('hostile text stays text', () => {
  const grid = createGrid(60, 1);
  text(grid, 0, 0, '</text><script>alert("1")</script> & \x1b[31m \ufffe', PLAIN_STYLE);
  const svg = toSvg(grid, DARK, '"><script>');
  expect(svg).not.toMatch(/<script|\u001b|\ufffe/u);
  expect(svg).toContain('&lt;script&gt;alert(&quot;1&quot;)');
});
