/** What one attached screen looks at: focus, selection, scroll, what is open. Nothing of it is anybody else's business. */
import type { Arrangement } from '../core/config.ts';
import type { CheckId, HandoffId, InstanceId, Ms } from '../core/ids.ts';
import type { Shares } from './arrange.ts';
import type { Border } from './layout.ts';
import type { Line } from './line-editor.ts';
import type { PaneId } from './model.ts';
import type { ReadKey, SelectBy } from './reading.ts';

export type Size = { readonly cols: number; readonly rows: number };

/** What keys are about: a pane, the queue, or the dock beside it (the card, else the verification). */
export type Focus = 'pane' | 'queue' | 'dock';

/** About a handoff. */
type HandoffText = 'explain' | 'diff' | 'evidence';
/** About everything. */
export const ROOM_TEXTS = ['health', 'config', 'timeline', 'brief', 'kpi', 'debugging'] as const;
export type TextKind = HandoffText | (typeof ROOM_TEXTS)[number];

/** What is asked for in one line; the answer goes into the verb's arguments. */
export type Asking =
  | { readonly for: 'deny'; readonly handoff: HandoffId; readonly epoch: number }
  | { readonly for: 'answer'; readonly handoff: HandoffId; readonly epoch: number; readonly to: InstanceId }
  | { readonly for: 'withdraw'; readonly handoff: HandoffId }
  | { readonly for: 'stop'; readonly sessions: number }
  | { readonly for: 'filter' }
  /** Which entries of the list behind are shown. */
  | { readonly for: 'entries'; readonly behind: OpenText }
  /** Whatever is typed is looked for at once. */
  | {
      readonly for: 'find';
      readonly key: ReadKey;
      readonly down: boolean;
      readonly everywhere: boolean;
      readonly wasReading: boolean;
      readonly behind: OpenText | null;
    };

/** A document that is open. */
export type OpenText = {
  readonly kind: 'text';
  readonly what: TextKind;
  readonly handoff: HandoffId | null;
  /** Only entries that hold these words. */
  readonly filter?: string;
  /** The change of the config that it shows, and since when. */
  readonly change?: { readonly id: string; readonly at: Ms };
  /** The list that it was opened from. */
  readonly behind?: OpenText;
};

/** A verb of the command list with its arguments, as the room takes it. */
export type VerbIntent = { readonly type: 'verb'; readonly verb: string; readonly args: Readonly<Record<string, VerbValue>> };
export type VerbValue = string | number | boolean | readonly string[];

export type Overlay =
  | { readonly kind: 'card' }
  | OpenText
  | { readonly kind: 'help'; readonly filter: Line; readonly top: number }
  | { readonly kind: 'palette'; readonly line: Line; readonly index: number; readonly problem: string | null }
  | { readonly kind: 'prompt'; readonly asking: Asking; readonly line: Line }
  | { readonly kind: 'confirm'; readonly question: string; readonly intent: VerbIntent };

/** `area`: where what is selected stands; `from`: where the button went down, in its cells; `begun`: something is selected by now. */
export type Drag = SelectDrag | { readonly kind: 'border'; readonly border: Border };

export type SelectDrag = {
  readonly kind: 'select';
  readonly key: ReadKey;
  readonly area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly from: { readonly x: number; readonly y: number };
  readonly by: SelectBy;
  readonly begun: boolean;
};

export type Notice = { readonly text: string; readonly level: 'info' | 'warning' };

export type Ui = {
  readonly size: Size;
  readonly mode: 'control' | 'typing';
  readonly focus: Focus;
  /** The pane that has, or last had, the focus. */
  readonly pane: PaneId;
  readonly zoom: boolean;
  readonly arrangement: Arrangement;
  readonly shares: Shares;
  readonly hidden: readonly PaneId[];
  readonly selected: HandoffId | null;
  readonly check: CheckId | null;
  /** The marked option of the card. */
  readonly option: number;
  /** Keys read what is in focus: they scroll it, search it and select in it. */
  readonly scrolling: boolean;
  readonly overlay: Overlay | null;
  /** Which card is on the screen, and since when: decisions wait until it was there for `GUARD_MS`. */
  readonly shown: { readonly card: string; readonly at: Ms } | null;
  /** The button is down, and this is what moving the mouse does. */
  readonly drag: Drag | null;
  /** The press before this one, for double clicks. */
  readonly pressed: { readonly x: number; readonly y: number; readonly at: Ms; readonly times: number } | null;
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
    arrangement: 'columns',
    shares: {},
    hidden: [],
    selected: null,
    check: null,
    option: 0,
    scrolling: false,
    overlay: null,
    shown: null,
    drag: null,
    pressed: null,
    filter: '',
    notice: null,
  };
}
