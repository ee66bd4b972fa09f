/** What one screen's user reads: what comes of his keys and his mouse in it, and what leaves it for the clipboard or an editor. */
import type { HandoffId, InstanceId } from '../core/ids.ts';
import { encodeMouse, type MouseEvent, wheelAsArrows } from '../screen/mouse.ts';
import { notify } from '../view/change.ts';
import { contains } from '../view/layout.ts';
import { type Model, type PaneId, panesOf } from '../view/model.ts';
import { lookAt, OUTPUT, type ReadAct, type ReadKey, readKey } from '../view/reading.ts';
import type { Slot } from '../view/scene.ts';
import type { Ui } from '../view/ui-state.ts';
import { createClipboard } from './clipboard.ts';
import type { Readers, ReadOutcome } from './readers.ts';
import type { ScreenOptions, ScreenWorld } from './screen-types.ts';

export type ScreenReading = {
  /** `open`: what stands behind an entry is wanted. */
  act(key: ReadKey, act: ReadAct, open: (handoff: HandoffId) => void): void;
  copy(text: string): void;
  /** Whoever types into a pane sees what he types. */
  typed(pane: PaneId): void;
  close(): void;
};

export type ScreenReadingOptions = {
  readonly options: Pick<ScreenOptions, 'world' | 'role' | 'write' | 'edit'>;
  readonly readers: Readers;
  readonly model: () => Model;
  /** The screen is drawn anew afterwards. */
  readonly change: (how: (ui: Ui) => Ui) => void;
};

export function createScreenReading({ options, readers, model, change }: ScreenReadingOptions): ScreenReading {
  const { world, write, edit } = options;
  const observe = options.role === 'observer';
  const clipboard = createClipboard({ setting: world.clipboard, command: observe ? null : world.copyCommand, write });

  const copy = (text: string): void =>
    clipboard.copy(text, (sentence, ok) => change((ui) => notify(ui, sentence, ok ? 'info' : 'warning')));

  const take = (from: ReadKey, outcome: ReadOutcome): void => {
    if (outcome.copy !== undefined) copy(outcome.copy);
    if (outcome.edit !== undefined && !observe) edit(outcome.edit.name, outcome.edit.text);
    change((ui) => {
      const said = outcome.say === undefined ? ui : notify(ui, outcome.say, 'info');
      return outcome.show === undefined ? said : lookAt(said, from, outcome.show);
    });
  };

  return {
    act(key, act, open) {
      const everything = [...panesOf(model()).map(({ id }) => readKey(id)), OUTPUT];
      readers.act(key, act, everything, (outcome) => {
        take(key, outcome);
        if (outcome.open !== undefined) open(outcome.open);
      });
    },
    copy,
    typed(pane) {
      if (readers.isRead(readKey(pane))) readers.act(readKey(pane), { do: 'leave' }, [], () => undefined);
    },
    close: clipboard.close,
  };
}

/**
 * The wheel over a program on the alternate screen, which has no history: what it asked for, a report of the mouse, or
 * arrow keys (mode 1007). Null: it is for us to scroll.
 */
export function wheelFor(
  event: MouseEvent,
  slots: readonly Slot[],
  { panes, paneModes }: Pick<ScreenWorld, 'panes' | 'paneModes'>,
): { readonly instance: InstanceId; readonly bytes: Uint8Array } | null {
  if (event.action !== 'wheel') return null;
  const slot = slots.find((one) => one.kind === 'pane' && contains(one, event));
  if (slot?.kind !== 'pane' || panes.get(slot.instance)?.terminal.buffer.active.type !== 'alternate') return null;
  const modes = paneModes(slot.instance);
  if (modes === null) return null;
  const bytes = encodeMouse(event, slot, modes) ?? (modes.alternateScroll && modes.mouse === 'none' ? wheelAsArrows(event, modes) : null);
  return bytes === null ? null : { instance: slot.instance, bytes };
}
