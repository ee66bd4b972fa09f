/** What one attached screen looks at: focus, selection, scroll, what is open. Nothing of it is anybody else's business. */
import type { CheckId, HandoffId, InstanceId, Ms } from '../core/ids.ts';
import type { Line } from './line-editor.ts';
import type { PaneId } from './model.ts';

export type Size = { readonly cols: number; readonly rows: number };

/** What keys are about: a pane, the queue, or the dock beside it (the card, else the verification). */
export type Focus = 'pane' | 'queue' | 'dock';

/** About a handoff; `health` is about all instances. */
export type TextKind = 'explain' | 'diff' | 'evidence' | 'health';

/** What is asked for in one line; the answer goes into the verb's arguments. */
export type Asking =
  | { readonly for: 'deny'; readonly handoff: HandoffId; readonly epoch: number }
  | { readonly for: 'answer'; readonly handoff: HandoffId; readonly epoch: number; readonly to: InstanceId }
  | { readonly for: 'withdraw'; readonly handoff: HandoffId }
  | { readonly for: 'stop'; readonly sessions: number }
  | { readonly for: 'filter' };

/** A verb of the command list with its arguments, as the room takes it. */
export type VerbIntent = { readonly type: 'verb'; readonly verb: string; readonly args: Readonly<Record<string, VerbValue>> };
export type VerbValue = string | number | boolean | readonly string[];

export type Overlay =
  | { readonly kind: 'card' }
  | { readonly kind: 'text'; readonly what: TextKind; readonly handoff: HandoffId | null }
  | { readonly kind: 'help'; readonly filter: Line; readonly top: number }
  | { readonly kind: 'palette'; readonly line: Line; readonly index: number; readonly problem: string | null }
  | { readonly kind: 'prompt'; readonly asking: Asking; readonly line: Line }
  | { readonly kind: 'confirm'; readonly question: string; readonly intent: VerbIntent };

export type Notice = { readonly text: string; readonly level: 'info' | 'warning' };

export type Ui = {
  readonly size: Size;
  readonly mode: 'control' | 'typing';
  readonly focus: Focus;
  /** The pane that has, or last had, the focus. */
  readonly pane: PaneId;
  readonly zoom: boolean;
  readonly selected: HandoffId | null;
  readonly check: CheckId | null;
  /** The marked option of the card. */
  readonly option: number;
  /** By `scrollKey`: lines up from the end for panes, lines down from the beginning for texts. */
  readonly scroll: Readonly<Record<string, number>>;
  /** Keys scroll the focused pane. */
  readonly scrolling: boolean;
  readonly overlay: Overlay | null;
  /** Which card is on the screen, and since when: decisions wait until it was there for `GUARD_MS`. */
  readonly shown: { readonly card: string; readonly at: Ms } | null;
  /** Only handoffs that hold this text are listed. */
  readonly filter: string;
  /** The answer to the last key, until the next one. */
  readonly notice: Notice | null;
};

/** How long a card ignores decisions after it appeared, moved or changed. */
export const GUARD_MS = 400;

export function initialUi(size: Size, pane: PaneId): Ui {
  return {
    size,
    mode: 'control',
    focus: 'pane',
    pane,
    zoom: false,
    selected: null,
    check: null,
    option: 0,
    scroll: {},
    scrolling: false,
    overlay: null,
    shown: null,
    filter: '',
    notice: null,
  };
}

/** The name of what scrolls: a pane by its id, a text by its kind and handoff. */
export function scrollKey(of: PaneId | { readonly what: TextKind; readonly handoff: HandoffId | null }): string {
  return typeof of === 'string' ? `pane:${of}` : `${of.what}:${of.handoff ?? ''}`;
}
