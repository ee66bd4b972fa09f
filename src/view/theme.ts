/**
 * How things look: a handful of names, each made of attributes and of the terminal's own sixteen colours, so that
 * the user's theme, light or dark, decides. Never a background colour but the inverse of what is there.
 */
import type { Colours } from './model.ts';

export type StyleName = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn' | 'info' | 'focus' | 'typing' | 'attention' | 'selected' | 'key';

type Attribute = 'bold' | 'dim' | 'inverse';
type Style = { readonly attributes: readonly Attribute[]; readonly colour: keyof typeof COLOURS | null };

/** Parameters of SGR that switch on and off. */
const ATTRIBUTES: Readonly<Record<Attribute, readonly [number, number]>> = { bold: [1, 22], dim: [2, 22], inverse: [7, 27] };
const COLOURS = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
const NO_COLOUR = 39;

const STYLES: Readonly<Record<StyleName, Style>> = {
  plain: { attributes: [], colour: null },
  bold: { attributes: ['bold'], colour: null },
  dim: { attributes: ['dim'], colour: null },
  good: { attributes: [], colour: 'green' },
  bad: { attributes: ['bold'], colour: 'red' },
  warn: { attributes: [], colour: 'yellow' },
  info: { attributes: [], colour: 'cyan' },
  focus: { attributes: ['bold'], colour: 'cyan' },
  typing: { attributes: ['bold'], colour: 'green' },
  attention: { attributes: ['bold'], colour: 'yellow' },
  selected: { attributes: ['inverse'], colour: null },
  key: { attributes: ['bold'], colour: 'cyan' },
};

/** The text with the escape sequences of its style around it; each attribute has a sequence of its own. */
export function painted(text: string, style: StyleName, colours: Colours): string {
  const { attributes, colour } = STYLES[style];
  const codes = attributes.map((name) => ATTRIBUTES[name]);
  if (colour !== null && colours !== 'none') codes.push([COLOURS[colour], NO_COLOUR]);
  if (text === '' || codes.length === 0) return text;
  const on = codes.map(([code]) => `\u001b[${code}m`).join('');
  const off = codes.map(([, code]) => `\u001b[${code}m`).toReversed();
  return `${on}${text}${off.join('')}`;
}
