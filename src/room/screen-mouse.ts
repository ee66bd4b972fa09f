/**
 * The mouse of one screen's user: for the program in a pane, or for the control room. A selection that is held beyond the
 * edge of what it began in goes on into its history by itself, as long as the button is down.
 */
import type { MouseEvent } from '../screen/mouse.ts';
import { beyond, dragOn } from '../view/drag.ts';
import type { Outcome } from '../view/intent.ts';
import type { Model, Role } from '../view/model.ts';
import { onMouse } from '../view/mouse.ts';
import type { Slot, Target } from '../view/scene.ts';
import type { Ui } from '../view/ui-state.ts';
import type { Readers } from './readers.ts';
import { wheelFor } from './screen-reading.ts';
import type { ScreenWorld } from './screen-types.ts';
import type { Timers } from './timers.ts';
import type { Typist } from './typist.ts';

export type ScreenMouseOptions = {
  readonly world: Pick<ScreenWorld, 'panes' | 'paneModes' | 'now' | 'keymap'>;
  readonly timers: Timers<'drag'>;
  readonly readers: Pick<Readers, 'at'>;
  readonly typist: Pick<Typist, 'mouse'>;
  readonly slots: () => readonly Slot[];
  readonly targets: () => readonly Target[];
  readonly model: () => Model;
  readonly ui: () => Ui;
  readonly role: () => Role;
  readonly type: (bytes: Uint8Array) => void;
  readonly press: (outcome: Outcome) => void;
};

export type ScreenMouse = {
  take(event: MouseEvent): void;
  /** Something else came: a key, or the window has lost the focus. What is held scrolls no more until the mouse moves. */
  rest(): void;
};

/** So often, and one line more for each second that it goes on. */
const TURN_MS = 50;
const TURNS_A_SECOND = 1000 / TURN_MS;
const MOST_LINES = 20;

export function createScreenMouse(options: ScreenMouseOptions): ScreenMouse {
  const { world, timers, readers, typist, slots, targets, model, ui, role, type, press } = options;
  let held: MouseEvent | null = null;
  let turns = 0;

  const follow = (event: MouseEvent): void => {
    const { drag } = ui();
    // Without a button: its release was never told.
    const beyondEdge = event.action === 'move' && event.button !== 'none' && drag?.kind === 'select' && beyond(drag, event);
    if (beyondEdge && held === null) turns = 0;
    held = beyondEdge ? event : null;
    if (held !== null) timers.once('drag', TURN_MS, turn);
  };

  const turn = (): void => {
    const { drag } = ui();
    const reader = held !== null && drag?.kind === 'select' && drag.begun ? readers.at(drag.key) : null;
    if (held === null || reader === null) return;
    const top = () => reader.max() - reader.back();
    const before = top();
    turns += 1;
    press(dragOn(model(), ui(), held, Math.min(1 + Math.floor(turns / TURNS_A_SECOND), MOST_LINES)));
    // The end of it, either way.
    if (top() === before) held = null;
    else timers.once('drag', TURN_MS, turn);
  };

  return {
    take(event) {
      const turned = role() === 'holder' ? wheelFor(event, slots(), world) : null;
      if (turned !== null) {
        world.panes.write(turned.instance, turned.bytes);
        return;
      }
      const forPane = typist.mouse(event, slots());
      if (forPane !== null) type(forPane);
      else press(onMouse(model(), ui(), event, targets(), world.now(), world.keymap));
      follow(event);
    },
    rest() {
      held = null;
    },
  };
}
