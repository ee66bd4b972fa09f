/** One attached screen's chrome: what is seen of the facts, drawn into memory, handed over when it differs. */
import { type BlockPainter, createBlockPainter } from './block-painter.tsx';
import { type Binding, KEYMAP } from './keymap.ts';
import type { Rect } from './layout.ts';
import type { Model } from './model.ts';
import { type Scene, type Slot, scene, type Target } from './scene.ts';
import type { Size, Ui } from './ui-state.ts';

export type ChromeOptions = {
  readonly size: Size;
  /** The table with the operator's own keys in it; absent: the table as it is. */
  readonly keymap?: readonly Binding[];
  /** Shared with other screens; absent: one of its own. */
  readonly painter?: BlockPainter;
  /** All of the chrome, part by part, and the rectangles that are left for others to fill. */
  onFrame(parts: readonly ChromePart[], slots: readonly Slot[]): void;
};

/** `text`: lines with SGR, no cursor movement; spaces at their ends may be missing. */
export type ChromePart = { readonly rect: Rect; readonly text: string };

export type Chrome = {
  /** Calls `onFrame` at most once, and not at all when nothing that is seen has changed. */
  update(model: Model, ui: Ui): void;
  resize(size: Size): void;
  /** What a click means on the frame that was handed over last. */
  targets(): readonly Target[];
  unmount(): void;
};

/** Whoever mounts it unmounts it. */
export function mountChrome(options: ChromeOptions): Chrome {
  const { size, painter, onFrame } = options;
  const own = painter === undefined ? createBlockPainter() : null;
  const paint = (painter ?? own)?.paint ?? (() => []);
  let now = size;
  let drawn: { readonly places: string; readonly texts: readonly string[]; readonly scene: Scene } | null = null;
  let last: { readonly model: Model; readonly ui: Ui } | null = null;

  const draw = ({ model, ui }: { model: Model; ui: Ui }): void => {
    const seen = scene(model, ui, options.keymap ?? KEYMAP);
    const texts = paint(seen.blocks, model.colours);
    const places = JSON.stringify([ui.size, seen.slots, seen.blocks.map(({ rect }) => rect)]);
    const before = drawn;
    drawn = { places, texts, scene: seen };
    if (before?.places === places && texts.every((text, index) => text === before.texts[index])) return;
    onFrame(
      seen.blocks.map(({ rect }, index) => ({ rect, text: texts[index] ?? '' })),
      seen.slots,
    );
  };

  return {
    update(model, ui) {
      last = { model, ui: ui.size === now ? ui : { ...ui, size: now } };
      draw(last);
    },
    resize(size) {
      now = size;
      if (last === null) return;
      last = { ...last, ui: { ...last.ui, size } };
      draw(last);
    },
    targets: () => drawn?.scene.targets ?? [],
    unmount: () => own?.close(),
  };
}
