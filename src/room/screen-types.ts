/** What a screen is given, and what it offers: types only, so that its parts need not know each other. */
import type { Config } from '../core/config.ts';
import type { Actor } from '../core/event.ts';
import type { InstanceId, Ms } from '../core/ids.ts';
import type { Reply } from '../core/reply.ts';
import type { JsonObject } from '../core/tree.ts';
import type { PaneSet } from '../pane/pane-set.ts';
import type { PaneModes } from '../screen/pane-modes.ts';
import type { BlockPainter } from '../view/block-painter.tsx';
import type { Done } from '../view/hints.ts';
import type { Binding } from '../view/keymap.ts';
import type { Model, Role } from '../view/model.ts';
import type { mountChrome } from '../view/mount.tsx';
import type { Size } from '../view/ui-state.ts';
import type { KeptLayout } from './kept-layout.ts';
import type { SharedPane } from './shared-panes.ts';

/** Milliseconds of a frame: by the clock, and of the processor, which others do not take a part of. */
export type TraceFrame = (clockMs: number, processorMs: number) => void;

export type ScreenWorld = {
  readonly panes: PaneSet;
  readonly paneModes: (instance: InstanceId) => PaneModes | null;
  readonly log: SharedPane;
  readonly output: SharedPane;
  readonly leader: string;
  readonly keymap: readonly Binding[];
  /** How the operator has arranged his screen. */
  readonly layout: KeptLayout;
  /** Where what is copied goes: to the terminal's clipboard, to a command's input, or nowhere. */
  readonly clipboard: Config['ui']['clipboard'];
  readonly copyCommand: readonly string[] | null;
  /** Whether the user wants the mouse at all. */
  readonly mouse: boolean;
  /** What is shown, apart from what only this screen knows. */
  readonly facts: () => Omit<Model, 'role' | 'colours' | 'panes' | 'reading' | 'hint'>;
  readonly verb: (verb: string, args: JsonObject, actor: Actor) => Promise<Reply>;
  /** A document's text, lines with SGR of our own only; `about`: the handoff, or the words that a list is filtered by. */
  readonly text: (what: string, about: string) => Promise<string>;
  /** The coordinator looks at everything once more. */
  readonly look: () => void;
  readonly now: () => Ms;
  /** When a key was pressed last, at whichever screen. */
  readonly lastKey: { at: Ms };
  /** An operator's screen has come, or gone. */
  readonly looks: (attached: boolean) => void;
  /** Told when a whole frame is begun; what it answers is told when that is on its way. */
  readonly painting: () => () => void;
  /** Whether a line of hints leads through the rehearsal, what it has led through, and how often a screen was attached before. */
  readonly guide: { done: Done; attached: number } | null;
};

export type ScreenOptions = {
  readonly world: ScreenWorld;
  readonly mountChrome: typeof mountChrome;
  readonly painter: BlockPainter;
  readonly actor: Actor;
  readonly size: Size;
  readonly colours: Model['colours'];
  readonly role: Role;
  readonly focus: InstanceId | null;
  readonly zoom: boolean;
  readonly write: (output: string) => boolean;
  /** Whether the client's input is read on, or has to wait in its terminal. */
  readonly listen: (on: boolean) => void;
  readonly detach: () => void;
  readonly suspend: () => void;
  /** The operator's own editor, in his own terminal, on a copy of this text. */
  readonly edit: (name: string, text: string) => void;
  readonly takeOver: () => void;
};

export type Screen = {
  readonly observes: boolean;
  role(): Role;
  setRole(role: Role): void;
  input(bytes: Uint8Array): void;
  resize(size: Size): void;
  drained(): void;
  changed(): void;
  close(): void;
};
