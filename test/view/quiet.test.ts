/** The chrome is still while nothing changes: a frame for a change, none for none (DESIGN section 5). */
import { describe, expect, it } from 'vitest';
import { onKey } from '../../src/view/intent.ts';
import { mountChrome } from '../../src/view/mount.tsx';
import type { Slot } from '../../src/view/scene.ts';
import { frameOf } from './draw.ts';
import { NOW, reading, SIZES, uiFor, waiting } from './fixture.ts';

function mounted() {
  const frames: { frame: string; slots: readonly Slot[] }[] = [];
  const chrome = mountChrome({
    size: SIZES.sketch,
    onFrame: (parts, slots) => frames.push({ frame: frameOf(parts), slots }),
  });
  return { frames, chrome };
}

describe('the chrome', () => {
  it('draws nothing when the model and the ui are the same, or only equal', () => {
    const { frames, chrome } = mounted();
    const model = waiting();
    const ui = uiFor(model, SIZES.sketch);
    chrome.update(model, ui);
    chrome.update(model, ui);
    chrome.update(waiting(), { ...ui });
    expect(frames).toHaveLength(1);
    chrome.unmount();
  });

  it('draws one frame for a change, and none for what is not seen', () => {
    const { frames, chrome } = mounted();
    const model = waiting();
    const ui = uiFor(model, SIZES.sketch);
    chrome.update(model, ui);
    chrome.update(model, onKey(model, ui, '2', NOW).ui);
    expect(frames).toHaveLength(2);
    // The title that a program gave its terminal stands nowhere yet.
    chrome.update({ ...model, panes: {} }, onKey(model, ui, '2', NOW).ui);
    const { length } = frames;
    chrome.update({ ...model, panes: {}, reading: { output: reading({ back: true }) } }, onKey(model, ui, '2', NOW).ui);
    expect(frames).toHaveLength(length);
    chrome.unmount();
  });

  it('tells a clock that was set anew without drawing the frame again', () => {
    const { frames, chrome } = mounted();
    const model = waiting();
    const ui = uiFor(model, SIZES.sketch);
    chrome.update(model, ui);
    chrome.update({ ...model, cycle: { nextAt: NOW + 42_000 } }, ui);
    expect(frames).toHaveLength(2);
    expect(frames[1]?.frame).toBe(frames[0]?.frame);
    expect(frames[1]?.slots).not.toEqual(frames[0]?.slots);
    chrome.unmount();
  });

  it('draws the new size after a resize, whole', () => {
    const { frames, chrome } = mounted();
    const model = waiting();
    chrome.update(model, uiFor(model, SIZES.sketch));
    chrome.resize(SIZES.small);
    expect(frames).toHaveLength(2);
    expect(frames[1]?.frame.split('\n')).toHaveLength(24);
    chrome.unmount();
  });

  it('holds several screens at once, each with its own', () => {
    const model = waiting();
    const one = mounted();
    const two = mounted();
    one.chrome.update(model, uiFor(model, SIZES.sketch));
    two.chrome.update(model, onKey(model, uiFor(model, SIZES.sketch), 'z', NOW).ui);
    expect(one.frames[0]?.frame).not.toBe(two.frames[0]?.frame);
    one.chrome.unmount();
    two.chrome.update(model, uiFor(model, SIZES.sketch));
    expect(two.frames[1]?.frame).toBe(one.frames[0]?.frame);
    two.chrome.unmount();
  });
});
