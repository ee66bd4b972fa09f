/** One attached screen's chrome: an Ink instance that draws into memory, and hands over each frame that differs. */
import { Writable } from 'node:stream';
import { type Instance, render } from 'ink';
import { createElement } from 'react';
import { App } from './app.tsx';
import { type Binding, KEYMAP } from './keymap.ts';
import { unmasked } from './mask.ts';
import type { Model } from './model.ts';
import { type Scene, type Slot, scene, type Target } from './scene.ts';
import type { Size, Ui } from './ui-state.ts';

export type ChromeOptions = {
  readonly size: Size;
  /** The table with the operator's own keys in it; absent: the table as it is. */
  readonly keymap?: readonly Binding[];
  /** A whole frame (lines with SGR, no cursor movement) and the rectangles that are left for others to fill. */
  onFrame(frame: string, slots: readonly Slot[]): void;
};

export type Chrome = {
  /** Calls `onFrame` at most once, and not at all when nothing that is seen has changed. */
  update(model: Model, ui: Ui): void;
  resize(size: Size): void;
  /** What a click means on the frame that was handed over last. */
  targets(): readonly Target[];
  unmount(): void;
};

/** Whoever mounts it unmounts it. Ink must never find the process's own terminal: it gets streams that lead nowhere. */
export function mountChrome({ size, keymap = KEYMAP, onFrame }: ChromeOptions): Chrome {
  let now = size;
  let ink: Instance | null = null;
  let drawn: { readonly key: string; readonly frame: string; readonly scene: Scene } | null = null;
  let last: { readonly model: Model; readonly ui: Ui } | null = null;
  let written = '';
  const stdout = sink(
    () => now,
    (text) => {
      written = text;
    },
  );

  const draw = ({ model, ui }: { model: Model; ui: Ui }): void => {
    const seen = scene(model, ui, keymap);
    const key = JSON.stringify([ui.size, model.colours, seen.blocks]);
    const slots = JSON.stringify(seen.slots);
    if (drawn !== null && drawn.key === key && JSON.stringify(drawn.scene.slots) === slots) {
      drawn = { ...drawn, scene: seen };
      return;
    }
    const frame = drawn?.key === key ? drawn.frame : inkFrame(seen, model, ui);
    drawn = { key, frame, scene: seen };
    onFrame(frame, seen.slots);
  };

  const inkFrame = (seen: Scene, model: Model, ui: Ui): string => {
    const app = createElement(App, { size: ui.size, scene: seen, colours: model.colours });
    if (ink === null)
      ink = render(app, { ...streams(stdout), debug: true, exitOnCtrlC: false, patchConsole: false, isScreenReaderEnabled: false });
    else ink.rerender(app);
    return unmasked(written, seen.blocks);
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
    unmount() {
      ink?.unmount();
      ink = null;
      stdout.destroy();
    },
  };
}

/** Not a terminal, so that Ink sends nothing but frames. */
function sink(size: () => Size, take: (text: string) => void): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      // Ink says goodbye with an empty write; that is no frame.
      if (typeof chunk === 'string' && chunk !== '') take(chunk);
      done();
    },
  });
  Object.defineProperties(stream, {
    isTTY: { value: false },
    columns: { get: () => size().cols },
    rows: { get: () => size().rows },
  });
  return stream;
}

/** Nobody types into Ink: keys go through the input router. Of a terminal's streams it uses nothing but what is here. */
function streams(stdout: Writable): { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream } {
  const stdin: unknown = { isTTY: false, setEncoding() {}, ref() {}, unref() {}, addListener() {}, removeListener() {} };
  const output: unknown = stdout;
  return { stdin: stdin as NodeJS.ReadStream, stdout: output as NodeJS.WriteStream, stderr: output as NodeJS.WriteStream };
}
