/** What the checks say: each with its outcome in a word, its time and what it found; below, the live output of one. */
import { counted } from '../../core/counted.ts';
import { plain } from '../../core/plain.ts';
import type { Handoff } from '../../core/state.ts';
import { duration } from '../../core/time.ts';
import type { Rect } from '../layout.ts';
import { checksOf, handoffIn, type LiveCheck, lastRound, type Model } from '../model.ts';
import type { Panel } from '../panel.ts';
import { clock, fitRow, type Row, type Span, span, spread } from '../row.ts';
import type { Ui } from '../ui-state.ts';
import { checkLook, handoffLook, inPlainWords } from '../words.ts';

const BAR_CELLS = 8;
/** A narrower panel needs its title's cells for what is verified. */
const MIN_BAR_COLS = 56;
/** Output below the checks is worth reading from here on. */
const MIN_OUTPUT_ROWS = 3;

type VerificationPanel = {
  readonly panel: Panel;
  readonly output: { readonly check: LiveCheck['check']; readonly rect: Rect } | null;
};

export function verificationPanel(model: Model, ui: Ui, rect: Rect): VerificationPanel {
  const focused = ui.focus === 'dock';
  const handoff = handoffIn(model, model.live !== null && model.live.handoff === null ? null : ui.selected);
  const checks = checksOf(model, handoff);
  const width = rect.width - 2;
  const height = Math.max(0, rect.height - 2);
  const shown = outputOf(checks, ui);
  const listed =
    shown === null || height < MIN_OUTPUT_ROWS + 2 ? height : Math.min(checks.length, Math.max(1, height - MIN_OUTPUT_ROWS - 1));
  const marked = checks.findIndex(({ check }) => check === ui.check);
  const top = Math.max(0, Math.min(marked - Math.floor(listed / 2), checks.length - listed));
  const rows = checks.slice(top, top + listed).map((check) => checkRow(check, check.check === ui.check && focused, width));
  const below = height - rows.length - 1;
  const withOutput = shown !== null && below >= MIN_OUTPUT_ROWS - 1;
  return {
    panel: {
      rect,
      border: focused ? 'focus' : 'quiet',
      ...titles(model, handoff, checks, { focused, width: rect.width }),
      footEnd: focused ? [span('CONTROL', 'focus')] : [],
      rows: rows.length === 0 ? emptyRows(handoff, width) : withOutput ? [...rows, outputTitle(shown, width)] : rows,
    },
    output: withOutput ? { check: shown.check, rect: { x: rect.x + 1, y: rect.y + 1 + rows.length + 1, width, height: below } } : null,
  };
}

/** The selected check's output, else that of the one that runs, else that of the one that failed. */
function outputOf(checks: readonly LiveCheck[], ui: Ui): LiveCheck | null {
  return (
    checks.find(({ check }) => check === ui.check) ??
    checks.find(({ state }) => state === 'running') ??
    checks.find(({ outcome }) => outcome === 'failed') ??
    null
  );
}

function outputTitle({ check }: LiveCheck, width: number): Row {
  return fitRow([span('── ', 'dim'), span(`${plain(check, 64)} prints `, 'dim')], width, span('─', 'dim'));
}

function titles(
  model: Model,
  handoff: Handoff | null,
  checks: readonly LiveCheck[],
  { focused, width }: { readonly focused: boolean; readonly width: number },
): Pick<Panel, 'title' | 'titleEnd'> {
  const strong = focused ? 'focus' : 'bold';
  const { live } = model;
  const isLive = live !== null && live.handoff === (handoff?.id ?? null);
  const epoch = isLive ? live.epoch : (lastRound(handoff)?.epoch ?? null);
  const about = handoff === null ? (isLive ? ' trial' : '') : ` ${handoff.id}`;
  const title = [span('verification', strong), span(`${about}${epoch === null ? '' : ` · round ${epoch}`}`, 'plain')];
  if (isLive)
    return { title, titleEnd: [progress(checks, width), span(' '), clock(live.startedAt, 'since', { fill: focused ? '━' : '─' })] };
  const verdict = lastRound(handoff)?.verdict ?? null;
  if (verdict === null || handoff === null) return { title };
  const { sign, word, style } = handoffLook(handoff);
  return { title, titleEnd: [span(`${sign} ${word}`, style)] };
}

/** By the number of checks that are done: it moves when something happens, not with the time. */
function progress(checks: readonly LiveCheck[], width: number): Span {
  const done = checks.filter(({ state }) => state === 'done').length;
  const full = checks.length === 0 ? 0 : Math.floor((done / checks.length) * BAR_CELLS);
  const bar = width < MIN_BAR_COLS ? '' : `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} `;
  return span(`${bar}${done} of ${checks.length}`, 'info');
}

function emptyRows(handoff: Handoff | null, width: number): Row[] {
  const text = handoff === null ? ' no handoff is selected' : ` no check has run for ${handoff.id} yet`;
  return [fitRow([span(text, 'dim')], width), ...(handoff === null ? [] : [fitRow([span(' V ', 'key'), span('runs them', 'dim')], width)])];
}

/** One check as a row: sign, word, name, time, and as much of what it found as fits. */
export function checkRow(check: LiveCheck, marked: boolean, width: number): Row {
  const click = { kind: 'check', check: check.check } as const;
  const { sign, word, style } = checkLook(check);
  const head: Row = [
    span(marked ? '▸' : ' ', marked ? 'focus' : 'plain', click),
    span(`${sign} ${word}`.padEnd(width < 50 ? 13 : 19), style, click),
    span(plain(check.check, 64), marked ? 'selected' : 'plain', click),
    span('  '),
  ];
  return spread([...head, span(findings(check), 'dim', click)], timeOf(check), width);
}

function timeOf(check: LiveCheck): Row {
  if (check.state === 'running' && check.startedAt !== null) {
    const last = check.lastMs === null ? [] : [span(`of ~${duration(check.lastMs)}`, 'dim')];
    return [
      span(' '),
      clock(check.startedAt, 'since', { align: 'right', style: 'info' }),
      ...(last.length === 0 ? [] : [span(' '), ...last]),
    ];
  }
  if (check.state !== 'done' || check.durationMs === null || check.outcome === 'skipped') return [];
  return [span(` ${(check.durationMs / 1000).toFixed(1)} s`, 'dim')];
}

function findings({ state, outcome, reason, tests }: LiveCheck): string {
  if (state !== 'done') return '';
  if (outcome === 'passed' && tests === null && reason === 'exit 0') return '';
  const figures = tests === null ? '' : `${tests.passed} of ${counted(tests.total, 'test')} passed${reason === null ? '' : ', '}`;
  return `${figures}${reason === null ? '' : inPlainWords(plain(reason, 200))}`;
}
