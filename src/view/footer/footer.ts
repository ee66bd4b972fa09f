/** The last line: who has the keys, and which of them apply now, the most wanted first. */
import { plain } from '../../core/plain.ts';
import { keyName } from '../key-names.ts';
import type { Binding, CommandId } from '../keymap.ts';
import type { Model } from '../model.ts';
import { fitRow, type Row, rowWidth, span } from '../row.ts';
import { bindingFor, isOpen, scopesOf } from '../scopes.ts';
import type { Ui } from '../ui-state.ts';
import { shortName } from '../words.ts';

/** These stay whatever else is cut: whoever is lost needs a way to know and a way out. */
const ALWAYS: ReadonlySet<string> = new Set([
  'help',
  'detach',
  'scroll-leave',
  'palette-close',
  'help-close',
  'submit',
  'cancel',
  'yes',
  'no',
]);

/** What asks something of the room: who only looks on is refused it, so it is not offered to him. */
const ASKING: ReadonlySet<CommandId> = new Set<CommandId>([
  'approve',
  'deny',
  'deny-reason',
  'answer',
  'stop-countdown',
  'tick',
  'choose',
  'hold',
  'raise',
  'withdraw',
  'give-work',
  'give-to',
  'run-check',
  'cancel-run',
  'undo',
  'type',
  'run-checks',
  'new-session',
  'interrupt',
  'edit',
]);

/** Whose keys these are: `CONTROL`, or `TYPING → instance-1-planning-backend` (INTERFACE, Keys). */
function modeBadge(model: Model, ui: Ui): Row {
  if (ui.mode === 'typing') return [span(` TYPING → ${plain(ui.pane, 64)} `, 'typing')];
  const where =
    ui.overlay?.kind === 'confirm' || ui.overlay?.kind === 'prompt' ? '' : ui.scrolling ? ` · reading ${shortName(ui.pane)}` : '';
  return [span(` CONTROL${where} `, 'focus'), ...(model.role === 'holder' ? [] : [span(' watching ', 'warn')])];
}

export function footerLine(model: Model, ui: Ui, keymap: readonly Binding[], leader: string): Row {
  const { cols } = ui.size;
  const badge = modeBadge(model, ui);
  if (ui.mode === 'typing') return typingLine(badge, leader, cols);
  const shown = keysNow(model, ui, keymap);
  const fixed = shown.filter(({ id }) => ALWAYS.has(id));
  const rest = shown.filter(({ id }) => !ALWAYS.has(id));
  let room = cols - rowWidth(badge) - fixed.reduce((sum, one) => sum + rowWidth(keyCell(one)), 0);
  const fitting: Binding[] = [];
  for (const one of rest) {
    const width = rowWidth(keyCell(one));
    if (width > room) break;
    fitting.push(one);
    room -= width;
  }
  const cells = [...fitting, ...fixed];
  // Where not even those that stay have room, their keys alone do: the help has their words.
  return fitRow([...badge, ...cells.flatMap(room < 0 ? bareCell : keyCell)], cols);
}

/** The way out comes before the name: who types into an agent and sees no way back is lost. */
function typingLine(badge: Row, leader: string, cols: number): Row {
  const way = [span('  '), span(keyName(leader), 'key')];
  const words = [
    ' gives the keys back to the room; everything else goes to the agent',
    ' gives the keys back to the room',
    ' back to the room',
    ' back',
  ];
  const fits = words.find((text) => rowWidth(badge) + rowWidth(way) + text.length <= cols);
  if (fits !== undefined) return fitRow([...badge, ...way, span(fits, 'dim')], cols);
  return fitRow([...fitRow(badge, Math.max(0, cols - rowWidth(way))), ...way], cols);
}

function keyCell(binding: Binding): Row {
  return [...bareCell(binding), span(` ${binding.label}`, 'dim', { kind: 'command', command: binding.id })];
}

function bareCell({ id, keys }: Binding): Row {
  return [span('  '), span(keyName(keys[0] ?? ''), 'key', { kind: 'command', command: id })];
}

/** What has a word for the footer, can act now, and is not shadowed by an inner scope. */
function keysNow(model: Model, ui: Ui, keymap: readonly Binding[]): Binding[] {
  return scopesOf(model, ui)
    .flatMap((scope) => keymap.filter((one) => one.scope === scope))
    .filter((one) => model.role !== 'observer' || !ASKING.has(one.id))
    .filter((one) => one.label !== '' && isOpen(one, model, ui) && bindingFor(keymap, one.keys[0] ?? '', model, ui) === one);
}
