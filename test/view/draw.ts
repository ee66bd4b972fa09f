/** The screen as a person sees it: the chrome's frame as plain text, with the clocks in it and the slots filled. */

import { clusters, widthOf } from '../../src/core/width.ts';
import { ageText } from '../../src/view/age.ts';
import { type Binding, KEYMAP } from '../../src/view/keymap.ts';
import type { Model } from '../../src/view/model.ts';
import { type ChromePart, mountChrome } from '../../src/view/mount.tsx';
import { placeText } from '../../src/view/read-row.ts';
import type { Slot } from '../../src/view/scene.ts';
import type { Ui } from '../../src/view/ui-state.ts';
import { NOW } from './fixture.ts';

export type Drawn = { readonly frame: string; readonly slots: readonly Slot[] };

export function draw(model: Model, ui: Ui, keymap: readonly Binding[] = KEYMAP): Drawn {
  let drawn: Drawn | null = null;
  const chrome = mountChrome({
    size: ui.size,
    keymap,
    onFrame: (parts, slots) => {
      drawn = { frame: frameOf(parts), slots };
    },
  });
  chrome.update(model, ui);
  chrome.unmount();
  if (drawn === null) throw new Error('draw: no frame came');
  return drawn;
}

/** The parts side by side, as one text. */
export function frameOf(parts: readonly ChromePart[]): string {
  const rows = Math.max(...parts.map(({ rect }) => rect.y + rect.height));
  const lines = Array.from({ length: rows }, () => ({ at: 0, text: '' }));
  for (const { rect, text } of [...parts].sort((a, b) => a.rect.x - b.rect.x)) {
    for (const [row, content] of text.split('\n').entries()) {
      const line = lines[rect.y + row];
      if (line === undefined || content === '') continue;
      line.text += `${' '.repeat(Math.max(0, rect.x - line.at))}${content}`;
      line.at = rect.x + widthOf(plainText(content));
    }
  }
  return lines.map(({ text }) => text.trimEnd()).join('\n');
}

export const plainText = (frame: string): string => frame.replace(/\u001b\[[0-9;]*m/gu, '');

/** Cells of a frame, a row each; the second cell of a wide character is empty. */
export function cellsOf(frame: string): string[][] {
  return plainText(frame)
    .split('\n')
    .map((line) => clusters(line).flatMap(({ text, width }) => (width === 2 ? [text, ''] : width === 1 ? [text] : [])));
}

export function screenText(model: Model, ui: Ui, keymap: readonly Binding[] = KEYMAP): string {
  const { frame, slots } = draw(model, ui, keymap);
  const cells = cellsOf(frame);
  const put = (x: number, y: number, text: string): void => {
    const row = cells[y];
    if (row === undefined) throw new Error(`screenText: a slot lies outside, in row ${y}`);
    while (row.length < x) row.push(' ');
    for (const [index, character] of Array.from(text).entries()) row[x + index] = character;
  };
  for (const slot of slots) {
    if (slot.kind === 'age') put(slot.x, slot.y, plainText(ageText(slot, NOW, model.colours)));
    else if (slot.kind === 'place') put(slot.x, slot.y, placeText({ back: 120, max: 5000 }, slot));
    else
      put(
        slot.x,
        slot.y,
        `⟨${slot.kind === 'pane' ? slot.instance : slot.kind === 'output' ? `output of ${slot.check}` : slot.kind === 'text' ? slot.id : 'log'}⟩`.slice(
          0,
          slot.width,
        ),
      );
  }
  return cells.map((row) => row.join('').trimEnd()).join('\n');
}
