/**
 * The whole screen as data: which rows stand where, which rectangles the compositor fills, and what a click means.
 * A pure function of what there is (model), of what this screen looks at (ui), and of the table of keys.
 */
import type { CheckId, InstanceId } from '../core/ids.ts';
import { widthOf } from '../core/width.ts';
import type { AgeClock } from './age.ts';
import { messageLine } from './alerts/message-line.ts';
import { cardPanel, peekPanel } from './card/card.ts';
import { footerLine } from './footer/footer.ts';
import { helpPanel } from './help/help.ts';
import { keyName } from './key-names.ts';
import type { Binding } from './keymap.ts';
import { fitsOn, inner, type Layout, layout, MINIMUM, type Rect } from './layout.ts';
import { handoffIn, type Model, panesOf, waitsForDecision } from './model.ts';
import { paletteEntries } from './palette/entries.ts';
import { palettePanel } from './palette/palette.ts';
import { paneFrame, paneStrip } from './pane-frame/pane-frame.ts';
import { type Panel, panelRows } from './panel.ts';
import { promptLine } from './prompt/prompt.ts';
import { queuePanel } from './queue/queue.ts';
import { foundText, readRow } from './read-row.ts';
import { type ReadKey, readingOf, readKey } from './reading.ts';
import { type Click, fitRow, type PlaceMark, type Row, span } from './row.ts';
import { textPanel } from './text-sheet.ts';
import { titleLine } from './title-line/title-line.ts';
import type { Ui } from './ui-state.ts';
import { verificationPanel } from './verification/verification.ts';

/** What the compositor fills. Where in it the view stands is known to whoever reads it, by its key. */
export type Slot = Rect &
  (
    | { readonly kind: 'pane'; readonly instance: InstanceId; readonly cols: number; readonly rows: number }
    | { readonly kind: 'log' }
    | { readonly kind: 'output'; readonly check: CheckId }
    | { readonly kind: 'text'; readonly id: ReadKey }
    | ({ readonly kind: 'place' } & PlaceMark)
    | ({ readonly kind: 'age' } & AgeClock)
  );

/** A block of rows, all as wide as the rectangle. */
export type Block = { readonly rect: Rect; readonly rows: readonly Row[] };
export type Target = Rect & { readonly click: Click };
export type Scene = { readonly blocks: readonly Block[]; readonly slots: readonly Slot[]; readonly targets: readonly Target[] };

type Part = { readonly rect: Rect; readonly blocks: readonly Block[]; readonly slots?: readonly Slot[]; readonly click?: Click };

export function scene(model: Model, ui: Ui, keymap: readonly Binding[]): Scene {
  const parts = fitsOn(ui.size) ? partsOf(model, ui, keymap) : [tooSmall(ui)];
  return {
    blocks: parts.flatMap(({ blocks }) => blocks),
    slots: parts.flatMap(({ blocks, slots }) => [...(slots ?? []), ...blocks.flatMap(clocksIn)]),
    // The small ones first: a click on a word is not a click on the panel around it.
    targets: parts.flatMap(({ rect, blocks, click }) => [...blocks.flatMap(wordsIn), ...(click === undefined ? [] : [{ ...rect, click }])]),
  };
}

function tooSmall({ size }: Ui): Part {
  const told = `the window is too small: ${size.cols}×${size.rows}, needs ${MINIMUM.cols}×${MINIMUM.rows}`;
  const text = widthOf(told) <= size.cols ? told : `needs ${MINIMUM.cols}×${MINIMUM.rows}`;
  const rect: Rect = { x: 0, y: 0, width: size.cols, height: size.rows };
  const rows = Array.from({ length: size.rows }, (_, y) => fitRow(y === Math.floor((size.rows - 1) / 2) ? [span(text)] : [], size.cols));
  return { rect, blocks: [{ rect, rows }] };
}

function partsOf(model: Model, ui: Ui, keymap: readonly Binding[]): Part[] {
  const places = layout(model, ui);
  const { overlay } = ui;
  const leader = model.state.coordinator.config.ui.leader;
  const asking =
    overlay?.kind === 'prompt' || overlay?.kind === 'confirm' ? promptLine(overlay, ui.size.cols, foundText(readingOf(model, ui))) : null;
  const sheet = sheetPart(model, ui, keymap, places);
  const low =
    overlay?.kind === 'palette' ? framed(palettePanel(overlay, paletteEntries(model, ui, keymap, overlay.line.text), places.low)) : null;
  return [
    oneLine(places.title, titleLine(model, ui)),
    ...(sheet === null ? paneParts(model, ui, places) : [sheet]),
    ...(low === null ? [] : [low]),
    ...bottomParts(model, ui, places).filter(({ rect }) => !overlaps(rect, low?.rect) && !overlaps(rect, sheet?.rect)),
    oneLine(places.message, asking ?? messageLine(model, ui)),
    oneLine(places.footer, footerLine(model, ui, keymap, leader)),
  ];
}

function sheetPart(model: Model, ui: Ui, keymap: readonly Binding[], { sheet }: Layout): Part | null {
  const overlay = ui.overlay?.kind === 'prompt' && ui.overlay.asking.for === 'find' ? ui.overlay.asking.behind : ui.overlay;
  if (overlay?.kind === 'help') return framed(helpPanel(overlay, keymap, keyName(model.state.coordinator.config.ui.leader), sheet));
  if (overlay?.kind === 'text') {
    const { panel, rect } = textPanel(
      model,
      overlay,
      sheet,
      readRow(readKey(overlay), model.reading[readKey(overlay)] ?? null, '━', 'beginning'),
    );
    return framed(panel, [{ kind: 'text', id: readKey(overlay), ...rect }]);
  }
  if (overlay?.kind !== 'card') return null;
  const handoff = handoffIn(model, ui.selected);
  if (handoff === null) return null;
  return framed(waitsForDecision(handoff) ? cardPanel(model, ui, handoff, sheet) : peekPanel(model, handoff, sheet));
}

function paneParts(model: Model, ui: Ui, { strip, panes, low }: Layout): Part[] {
  const tabs = strip === null ? [] : [oneLine(strip, paneStrip(model, ui, panesOf(model), strip.width))];
  const covered = ui.overlay?.kind === 'palette' ? low : undefined;
  const frames = panes
    .filter(({ rect }) => !overlaps(rect, covered))
    .map(({ pane, rect }): Part => {
      const area = inner(rect);
      const slot: Slot =
        pane.id === 'log' ? { kind: 'log', ...area } : { kind: 'pane', instance: pane.id, cols: area.width, rows: area.height, ...area };
      return framed(paneFrame(model, ui, pane, rect), [slot], { kind: 'pane', pane: pane.id });
    });
  return [...tabs, ...frames];
}

function bottomParts(model: Model, ui: Ui, { queue, dock }: Layout): Part[] {
  const parts: Part[] = queue === null ? [] : [framed(queuePanel(model, ui, queue), [], { kind: 'queue' })];
  return dock === null ? parts : [...parts, dockPart(model, ui, dock)];
}

function dockPart(model: Model, ui: Ui, dock: Rect): Part {
  const handoff = handoffIn(model, ui.selected);
  // The card is there once: while it is open whole, its place shows the checks.
  if (waitsForDecision(handoff) && ui.overlay?.kind !== 'card') return framed(cardPanel(model, ui, handoff, dock), [], { kind: 'dock' });
  const { panel, output } = verificationPanel(model, ui, dock);
  const slots: Slot[] = output === null ? [] : [{ kind: 'output', check: output.check, ...output.rect }];
  return framed(panel, slots, { kind: 'dock' });
}

/** A panel as one block, or around the rectangle that somebody else fills: Ink's time goes by the cells that it is given. */
function framed(panel: Panel, slots: readonly Slot[] = [], click?: Click): Part {
  const { rect } = panel;
  const rows = panelRows(panel);
  const [slot] = slots;
  const blocks = slot === undefined ? [{ rect, rows }] : around(slot, rect, rows);
  return { rect, blocks, slots, ...(click === undefined ? {} : { click }) };
}

/** The slot has the whole width inside the frame. */
function around(slot: Rect, rect: Rect, rows: readonly Row[]): Block[] {
  const above = slot.y - rect.y;
  const below = above + slot.height;
  const edge = (x: number, pick: (row: Row) => Row[number] | undefined): Block => ({
    rect: { x, y: slot.y, width: 1, height: slot.height },
    rows: rows.slice(above, below).map((row) => [pick(row) ?? span(' ')]),
  });
  return [
    { rect: { ...rect, height: above }, rows: rows.slice(0, above) },
    edge(rect.x, (row) => row[0]),
    edge(rect.x + rect.width - 1, (row) => row.at(-1)),
    { rect: { ...rect, y: rect.y + below, height: rows.length - below }, rows: rows.slice(below) },
  ].filter(({ rows: some }) => some.length > 0);
}

function oneLine(rect: Rect, row: Row): Part {
  return { rect, blocks: [{ rect, rows: [row] }] };
}

function overlaps(a: Rect, b: Rect | undefined): boolean {
  if (b === undefined) return false;
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function* spansOf({ rect, rows }: Block): Generator<{ readonly one: Row[number]; readonly at: Rect }> {
  for (const [index, row] of rows.entries()) {
    let { x } = rect;
    for (const one of row) {
      const width = widthOf(one.text);
      yield { one, at: { x, y: rect.y + index, width, height: 1 } };
      x += width;
    }
  }
}

function clocksIn(block: Block): Slot[] {
  return [...spansOf(block)].flatMap(({ one, at }): Slot[] => {
    if (one.place !== undefined) return [{ kind: 'place', ...one.place, ...at }];
    return one.age === undefined ? [] : [{ kind: 'age', ...one.age, ...at }];
  });
}

function wordsIn(block: Block): Target[] {
  return [...spansOf(block)].flatMap(({ one, at }): Target[] =>
    one.click === undefined || at.width === 0 ? [] : [{ ...at, click: one.click }],
  );
}
