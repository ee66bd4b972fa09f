/**
 * Sessions get the size of their rectangles: once a change has come to rest, the one in focus first, and one in a turn of
 * the loop, since each may wrap thousands of lines anew.
 */
import type { Slot } from '../view/scene.ts';
import type { Ui } from '../view/ui-state.ts';
import type { ScreenWorld } from './screen-types.ts';

const REST_MS = 70;
/** Somebody who drags a border sees what comes of it now and then. */
const PATIENCE_MS = 280;

export type PaneFitting = {
  /** Something has another rectangle. */
  request(): void;
  close(): void;
};

export type PaneFittingOptions = {
  readonly world: Pick<ScreenWorld, 'panes' | 'log' | 'output' | 'now'>;
  readonly slots: () => readonly Slot[];
  readonly ui: () => Ui;
  /** Only the one who has the input decides about sizes. */
  readonly mayFit: () => boolean;
  readonly fitted: () => void;
};

export function createPaneFitting({ world, slots, ui, mayFit, fitted }: PaneFittingOptions): PaneFitting {
  let rest: NodeJS.Timeout | null = null;
  let turn: NodeJS.Immediate | null = null;
  let since: number | null = null;

  const resize = (slot: Slot): void => {
    if (slot.kind === 'pane') world.panes.resize(slot.instance, slot.cols, slot.rows);
    else if (slot.kind === 'log') world.log.resize(slot.width, slot.height);
    else if (slot.kind === 'output') world.output.resize(slot.width, slot.height);
  };

  const next = (waiting: readonly Slot[]): void => {
    turn = null;
    const [slot, ...others] = waiting;
    if (slot === undefined || !mayFit()) return;
    resize(slot);
    fitted();
    if (others.length > 0) turn = setImmediate(next, others);
  };

  const begin = (): void => {
    rest = null;
    since = null;
    if (turn !== null) clearImmediate(turn);
    const { pane } = ui();
    const inFocus = (slot: Slot): number => (slot.kind === 'pane' && slot.instance === pane ? 0 : 1);
    next(slots().toSorted((a, b) => inFocus(a) - inFocus(b)));
  };

  return {
    request() {
      if (!mayFit()) return;
      since ??= world.now();
      if (rest !== null) clearTimeout(rest);
      rest = setTimeout(begin, Math.max(0, Math.min(REST_MS, since + PATIENCE_MS - world.now())));
    },
    close() {
      if (rest !== null) clearTimeout(rest);
      if (turn !== null) clearImmediate(turn);
    },
  };
}
