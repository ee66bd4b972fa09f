/** The first screen in a folder without a config: what this is, in one screen, and what would happen next. No Ink. */
import { plain } from '../core/plain.ts';
import { widthOf } from '../core/width.ts';
import type { Colours } from './model.ts';
import { fitRow, type Row, span, wrap } from './row.ts';
import { painted } from './theme.ts';
import type { Size } from './ui-state.ts';

const WIDEST = 76;

type Part = { readonly text: string; readonly style: 'bold' | 'plain' | 'dim' } | { readonly key: string; readonly does: string };

function parts(folder: string): Part[] {
  return [
    { text: 'coordtui', style: 'bold' },
    { text: '', style: 'plain' },
    {
      text: 'A control room for several coding agents on one project. They run side by side in this terminal. When one says that its work is ready, coordtui runs your own checks, approves what passed, sends back what failed with the reasons, and asks you only where it cannot know.',
      style: 'plain',
    },
    { text: '', style: 'plain' },
    { text: `There is no coordtui.yaml in ${plain(folder, 200)} yet.`, style: 'plain' },
    { text: '', style: 'plain' },
    { key: 'enter', does: 'set this folder up: shows what it would write, and asks' },
    { key: 't', does: 'try it first, with scripted agents in a folder of its own' },
    { key: 'q', does: 'leave everything as it is' },
    { text: '', style: 'plain' },
    { text: 'Nothing is written before you have said so. Later: coordtui init', style: 'dim' },
  ];
}

/** Exactly `rows` lines of at most `cols` cells, with SGR; the text is cut at the end where there is no room. */
export function welcomeLines({ cols, rows }: Size, folder: string, colours: Colours): string[] {
  const width = Math.max(1, Math.min(WIDEST, cols - 2));
  const text = parts(folder).flatMap((part): Row[] => {
    if ('key' in part) return [[span(`  ${part.key.padEnd(7)}`, 'key'), span(part.does)]];
    return part.text === '' ? [[]] : wrap(part.text, width, 12).map((line): Row => [span(line, part.style)]);
  });
  const left = ' '.repeat(Math.max(0, Math.floor((cols - width) / 2)));
  const above = Math.max(0, Math.floor((rows - text.length) / 3));
  const lines = [...Array.from({ length: above }, (): Row => []), ...text].slice(0, rows);
  return Array.from({ length: rows }, (_, index) => {
    const row = fitRow(lines[index] ?? [], Math.min(width, Math.max(0, cols - widthOf(left))));
    return `${left}${row.map(({ text: part, style }) => painted(part, style ?? 'plain', colours)).join('')}`.trimEnd();
  });
}
