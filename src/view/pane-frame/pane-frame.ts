/** The frame around a session's own screen: who it is, what it does and since when; below, its task and who has the keys. */
import { COORDINATOR_ID } from '../../core/config.ts';
import type { InstanceId } from '../../core/ids.ts';
import { plain } from '../../core/plain.ts';
import { placeWord } from '../../core/session-place.ts';
import { inner, type Rect } from '../layout.ts';
import { type Model, ownedBy, type PaneInfo } from '../model.ts';
import { type Border, borderLine, type Panel, titleRoom } from '../panel.ts';
import { readRow } from '../read-row.ts';
import { readKey } from '../reading.ts';
import { clock, fitRow, type Row, rowWidth, span } from '../row.ts';
import type { Ui } from '../ui-state.ts';
import { autopilotLook, instanceLook, type Look, shortName } from '../words.ts';

export function paneFrame(model: Model, ui: Ui, pane: PaneInfo, rect: Rect): Panel {
  const focused = ui.focus === 'pane' && ui.pane === pane.id;
  const border: Border = focused ? (ui.mode === 'typing' ? 'typing' : 'focus') : 'quiet';
  const { title, titleEnd } = titles(model, pane, border, rect);
  const reading = model.reading[readKey(pane.id)] ?? null;
  const isRead = (focused && ui.scrolling) || reading?.back === true;
  const read = isRead ? readRow(readKey(pane.id), reading, borderLine(border).fill) : [];
  const task = pane.instance === null || pane.id === 'log' ? null : ownedBy(model, pane.instance);
  const cropped = croppedLabel(model, pane, rect);
  return {
    rect,
    border,
    title,
    titleEnd,
    foot: fitFoot([...cropped, ...(task === null ? [] : [span(plain(task.task, 200), 'dim')])], rect.width),
    footEnd: focused ? modeLabel(ui, border, read) : read.slice(0, -1),
    rows: [],
  };
}

/** Another screen has the input, and a larger place for this session: part of it cannot be seen here. */
function croppedLabel(model: Model, pane: PaneInfo, rect: Rect): Row {
  const size = pane.id === 'log' ? undefined : model.panes[pane.id]?.size;
  const { width, height } = inner(rect);
  if (size === undefined || (size.cols <= width && size.rows <= height)) return [];
  return [span(`cropped, it has ${size.cols}×${size.rows} `, 'warn')];
}

/** `CONTROL` or `TYPING` on the border itself, so that the eye need not leave the pane (INTERFACE, Keys). */
function modeLabel(ui: Ui, border: Border, read: Row): Row {
  const { style } = borderLine(border);
  return [...read, span(ui.mode === 'typing' ? 'TYPING' : 'CONTROL', style)];
}

function fitFoot(row: Row, width: number): Row {
  // Room for the mode at the right, whether or not it is there, so that the task does not jump with the focus.
  return row.length === 0 ? [] : fitShort(row, width - 18);
}

function fitShort(row: Row, width: number): Row {
  return fitRow(row, Math.max(0, width)).filter(({ text }) => text.trim() !== '');
}

function titles(model: Model, pane: PaneInfo, border: Border, rect: Rect): { title: Row; titleEnd: Row } {
  const strong = border === 'quiet' ? 'bold' : borderLine(border).style;
  const number = span(`${pane.number} `, strong);
  if (pane.id === 'log') {
    const { dial, paused } = model.state.coordinator.autopilot;
    const { sign, word, style } = model.live === null ? autopilotLook(dial, paused) : VERIFYING;
    return { title: [number, span(logName(pane), strong)], titleEnd: [span(`${sign} ${word}`, style)] };
  }
  const config = model.state.coordinator.config.instances.find(({ id }) => id === pane.id);
  const now = model.state.coordinator.instances[pane.id];
  const name = shortName(pane.id);
  const role = config === undefined || name.includes(config.role) ? '' : ` ${plain(config.role, 20)}`;
  const place = placeWord(config?.session, now?.adopted);
  const agent = config === undefined ? '' : ` · ${plain(config.agent, 20)}${place === null ? '' : ` @ ${plain(place, 20)}`}`;
  const unread = model.panes[pane.id]?.unread === true && border === 'quiet' ? [span(' ✉', 'warn')] : [];
  const titleFor = (titleEnd: Row): Row => {
    const long = [number, span(name, strong), span(`${role}${agent}`, 'dim'), ...unread];
    // Who it is matters more than which program it runs.
    return rowWidth(long) <= titleRoom(rect, titleEnd) ? long : [number, span(name, strong), ...unread];
  };
  if (now === undefined) return { title: titleFor([]), titleEnd: [] };
  const away = model.panes[pane.id]?.away;
  if (away !== undefined) return awayTitles(titleFor, away, border);
  const owned = ownedBy(model, pane.id);
  const { sign, word, style } = instanceLook(now, owned);
  const since = now.session === 'running' && owned !== null ? owned.phaseSince : now.since;
  const titleEnd = [span(`${sign} ${word} `, style), clock(since, 'since', { ...borderLine(border) })];
  return { title: titleFor(titleEnd), titleEnd };
}

type AwayView = NonNullable<Model['panes'][InstanceId]['away']>;

/** What is shown is what was there last; when it is tried again is the one thing that still moves. */
function awayTitles(titleFor: (end: Row) => Row, { nextAt }: AwayView, border: Border): { title: Row; titleEnd: Row } {
  const words = span(nextAt === null ? '⇢ away, trying now ' : '⇢ away, next try in ', 'warn');
  const titleEnd = nextAt === null ? [words] : [words, clock(nextAt, 'until', { ...borderLine(border) })];
  return { title: titleFor(titleEnd), titleEnd };
}

const VERIFYING: Look = { sign: '⟳', word: 'verifying', style: 'info' };

function logName(pane: PaneInfo): string {
  return shortName(pane.instance ?? COORDINATOR_ID);
}

/** All panes in one line, for screens that show only some of them: those around the one in focus, and how many more there are. */
export function paneStrip(model: Model, ui: Ui, panes: readonly PaneInfo[], width: number): Row {
  const tabs = panes.map((pane) => paneTab(model, ui, pane));
  const at = Math.max(
    0,
    panes.findIndex(({ id }) => id === ui.pane),
  );
  let from = at;
  let to = at + 1;
  let room = width - rowWidth(tabs[at] ?? []) - 2 * MORE_CELLS;
  // From the first one on, as long as the one in focus is among them.
  for (; from > 0; from--) {
    const cells = rowWidth(tabs[from - 1] ?? []);
    if (cells > room) break;
    room -= cells;
  }
  for (; to < tabs.length; to++) {
    const cells = rowWidth(tabs[to] ?? []);
    if (cells > room) break;
    room -= cells;
  }
  const more = (count: number, sign: string): Row => (count === 0 ? [] : [span(` ${sign}${count}`.padEnd(MORE_CELLS), 'dim')]);
  return fitRow([...more(from, '‹'), ...tabs.slice(from, to).flat(), ...more(tabs.length - to, '›')], width);
}

const MORE_CELLS = 5;

function paneTab(model: Model, ui: Ui, pane: PaneInfo): Row {
  const focused = pane.id === ui.pane;
  const now = pane.id === 'log' ? undefined : model.state.coordinator.instances[pane.id];
  const look = now === undefined || pane.id === 'log' ? null : instanceLook(now, ownedBy(model, pane.id));
  const name = pane.id === 'log' ? logName(pane) : shortName(pane.id);
  const unread = pane.id !== 'log' && !focused && model.panes[pane.id]?.unread === true ? ' ✉' : '';
  const hidden = ui.hidden.includes(pane.id) ? ' hidden' : '';
  const click = { kind: 'pane', pane: pane.id } as const;
  return [
    span(`${focused ? '▸' : ' '}${pane.number} ${name}`, focused ? 'bold' : 'dim', click),
    ...(look === null ? [] : [span(` ${look.sign} ${look.word}`, look.style, click)]),
    span(`${hidden}${unread}  `, 'warn', click),
  ];
}
