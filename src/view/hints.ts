/** The line that leads through the rehearsal: what to try next, by what has been tried. A pure function. */
import type { State } from '../core/state.ts';
import type { Intent } from './intent.ts';
import type { Ui } from './ui-state.ts';

export type Step = 'look' | 'approve' | 'zoom' | 'evidence' | 'detach' | 'attach';
export type Done = ReadonlySet<Step>;

/** What a change of the ui and the intents that came with it tell about the steps that are done. */
export function stepsDone(done: Done, ui: Ui, intents: readonly Intent[] = []): Done {
  const now = new Set(done);
  if (ui.overlay?.kind === 'text') now.add(ui.overlay.what === 'evidence' ? 'evidence' : 'look');
  if (ui.zoom) now.add('zoom');
  for (const intent of intents) {
    if (intent.type === 'detach') now.add('detach');
    if (intent.type === 'verb' && (intent.verb === 'approve' || intent.verb === 'deny' || intent.verb === 'answer')) now.add('approve');
  }
  return now.size === done.size ? done : now;
}

/** The next hint; null when everything was tried. `attached`: how often a screen was attached before this one. */
export function nextHint(state: State, ui: Ui, done: Done, attached = 0): string | null {
  const asked = Object.values(state.coordinator.handoffs).find(({ closedAt, question }) => closedAt === null && question !== null);
  if (asked !== undefined && !done.has('approve')) {
    if (ui.overlay?.kind === 'text') return 'this is what it rests on; esc closes it';
    if (ui.overlay?.kind === 'prompt') return null;
    return `${asked.id} waits for you: read the card (w says why, f shows the change), then press a to approve it`;
  }
  if (!done.has('approve') && !isOver(state))
    return 'nothing to do yet: the agents work, the checks run; you will be asked. Meanwhile: z zooms, ? shows all keys';
  if (ui.mode === 'typing') return null;
  if (!done.has('evidence')) return ui.overlay === null ? 'press v to see what the checks found' : null;
  if (ui.overlay?.kind === 'text') return 'esc closes it';
  if (!done.has('zoom')) return 'press z to give the pane in focus the whole window, and z again to come back';
  if (ui.zoom) return 'z again brings the others back';
  if (attached > 0) return 'you are back, and nothing was lost. Q ends the rehearsal; coordtui init begins with a project of yours';
  return 'press q to leave: the agents go on working, and the same command brings you back';
}

function isOver(state: State): boolean {
  const all = Object.values(state.coordinator.handoffs);
  return all.length > 0 && all.every(({ closedAt }) => closedAt !== null);
}
