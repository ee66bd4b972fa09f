import { expect, test } from 'vitest';
import { colourMapper, depthOf, rgbOf } from '../../src/screen/depth.ts';
import { palette, rgb } from '../../src/screen/style.ts';

test.each([
  [{ TERM: 'xterm-256color' }, '256'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'truecolor'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1' }, 'none'],
  [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
  [{ TERM: 'xterm-kitty' }, 'truecolor'],
  [{ TERM: 'xterm' }, '16'],
  [{ TERM: 'linux' }, '16'],
  [{ TERM: 'vt100' }, 'none'],
  [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
  [{}, '16'],
] as const)('%j has %s', (env, depth) => {
  expect(depthOf(env)).toBe(depth);
});

test('the colours that the 256 have are found exactly', () => {
  const nearest = colourMapper('256');
  for (let index = 16; index < 256; index++) expect(rgbOf(nearest(rgb(rgbOf(index))) & 0xff)).toBe(rgbOf(index));
});

test('no other of the 256 is nearer by much', () => {
  const nearest = colourMapper('256');
  const away = (a: number, b: number): number =>
    Math.abs((a >> 16) - (b >> 16)) + Math.abs(((a >> 8) & 255) - ((b >> 8) & 255)) + Math.abs((a & 255) - (b & 255));
  for (let value = 0; value <= 0xffffff; value += 0x010f0d) {
    const best = Math.min(...Array.from({ length: 240 }, (_, index) => away(value, rgbOf(index + 16))));
    expect(away(value, rgbOf(nearest(rgb(value)) & 0xff)) - best).toBeLessThan(60);
  }
});

test("16: red is red, and the theme's own colours are kept", () => {
  const nearest = colourMapper('16');
  expect([nearest(rgb(0xff1010)), nearest(rgb(0x000001)), nearest(palette(231)), nearest(palette(9)), nearest(0)]).toEqual([
    palette(9),
    palette(0),
    palette(15),
    palette(9),
    0,
  ]);
});

test('a thousand gradients are not remembered for ever', () => {
  const nearest = colourMapper('256');
  for (let value = 0; value < 20_000; value++) nearest(rgb(value * 7));
  expect(nearest(rgb(0xff0000))).toBe(palette(196));
});
