/** What keys and the mouse ask of whoever reads a pane, and what the view is told of it: the room carries it out. */
import type { Motion } from '../core/motion.ts';
import { fitsOn, layout } from './layout.ts';
import { handoffIn, type Model, type PaneId, waitsForDecision } from './model.ts';
import type { TextKind, Ui } from './ui-state.ts';
import { verificationPanel } from './verification/verification.ts';

/** The name of something that can be read: `pane:ID`, `pane:log`, `output`, or a document by its kind and handoff. */
export type ReadKey = string;

export const OUTPUT: ReadKey = 'output';

export function readKey(of: PaneId | { readonly what: TextKind; readonly handoff: string | null }): ReadKey {
  return typeof of === 'string' ? `pane:${of}` : `${of.what}:${of.handoff ?? ''}`;
}

export type SelectBy = 'character' | 'word' | 'line';

export type ReadAct =
  /** Up; negative: down. */
  | { readonly do: 'lines'; readonly by: number }
  | { readonly do: 'pages'; readonly by: number }
  | { readonly do: 'top' | 'end' | 'hold' | 'leave' | 'swap' | 'unselect' | 'copy' | 'edit' }
  | { readonly do: 'prompt'; readonly by: 1 | -1 }
  /** Entries of a list. */
  | { readonly do: 'entry'; readonly by: 1 | -1 }
  | { readonly do: 'open-entry' }
  | { readonly do: 'select'; readonly by: SelectBy }
  | { readonly do: 'move'; readonly motion: Motion }
  /** Cells from the corner of what is read; `extend` after the press. */
  | { readonly do: 'point'; readonly x: number; readonly y: number; readonly by: SelectBy; readonly extend: boolean }
  | { readonly do: 'find-begin' }
  | { readonly do: 'find'; readonly text: string; readonly down: boolean; readonly everywhere: boolean }
  /** `same`: in the direction that was looked in. */
  | { readonly do: 'find-again'; readonly same: boolean }
  | { readonly do: 'find-end'; readonly keep: boolean };

export type Reading = {
  /** The view does not stand at the end. */
  readonly back: boolean;
  readonly selecting: SelectBy | null;
  /** What is looked for; null: nothing. */
  readonly finding: string | null;
  /** Counted from the oldest; `index` 0: none is shown. Null while it is being counted. */
  readonly found: { readonly index: number; readonly count: number } | null;
};

/** What is read now: the open document, the checks' output while their panel has the focus, else the pane. */
export function readNow(model: Model, ui: Ui): ReadKey {
  if (ui.overlay?.kind === 'text') return readKey(ui.overlay);
  if (ui.overlay?.kind === 'prompt' && ui.overlay.asking.for === 'find') return ui.overlay.asking.key;
  return ui.focus === 'dock' && showsOutput(model, ui) ? OUTPUT : readKey(ui.pane);
}

export function readingOf(model: Model, ui: Ui): Reading | null {
  return model.reading[readNow(model, ui)] ?? null;
}

/** Something was found in another one than the one that is read: that one has the eye now. */
export function lookAt(ui: Ui, from: ReadKey, to: ReadKey): Ui {
  const { overlay } = ui;
  const asking =
    overlay?.kind === 'prompt' && overlay.asking.for === 'find' && overlay.asking.key === from ? { ...overlay.asking, key: to } : null;
  const looking: Ui = overlay?.kind === 'prompt' && asking !== null ? { ...ui, overlay: { ...overlay, asking } } : ui;
  if (to === OUTPUT) return { ...looking, focus: 'dock' };
  return to.startsWith('pane:') ? { ...looking, focus: 'pane', pane: to.slice('pane:'.length) as PaneId } : looking;
}

function showsOutput(model: Model, ui: Ui): boolean {
  if (!fitsOn(ui.size) || waitsForDecision(handoffIn(model, ui.selected))) return false;
  const { dock } = layout(model, ui);
  return dock !== null && verificationPanel(model, ui, dock).output !== null;
}
