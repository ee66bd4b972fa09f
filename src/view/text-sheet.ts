/** The frame around a document that scrolls: why, diff, evidence. Above the evidence stand the checks themselves. */

import { plain } from '../core/plain.ts';
import { inner, type Rect } from './layout.ts';
import { checksOf, handoffIn, lastRound, type Model } from './model.ts';
import type { Panel } from './panel.ts';
import { fitRow, type Row, span } from './row.ts';
import type { Overlay, TextKind } from './ui-state.ts';
import { checkRow } from './verification/verification.ts';

const TITLES: Readonly<Record<TextKind, string>> = {
  explain: 'why it is where it is',
  diff: 'what it changes',
  evidence: 'what the checks found',
  health: 'how everybody is',
  config: 'what coordtui.yaml says now',
  timeline: 'what happened, the newest first',
  brief: 'what was decided since you last looked',
  kpi: 'indicators, and what stands behind them',
  debugging: 'debugging sessions',
};

/** At most this share of the sheet is checks; the rest is for the document. */
const CHECKS_SHARE = 0.5;

export function textPanel(
  model: Model,
  { what, handoff: id, filter, behind }: Extract<Overlay, { kind: 'text' }>,
  sheet: Rect,
  read: Row,
): { panel: Panel; rect: Rect } {
  const area = inner(sheet);
  const handoff = handoffIn(model, id);
  const checks = what === 'evidence' ? checksOf(model, handoff).slice(0, Math.floor(area.height * CHECKS_SHARE)) : [];
  const rows: Row[] = checks.map((check) => checkRow(check, false, area.width));
  if (rows.length > 0) rows.push(fitRow([], area.width, span('─', 'dim')));
  const round = what === 'evidence' ? lastRound(handoff) : null;
  return {
    panel: {
      rect: sheet,
      border: 'focus',
      title: [
        span(TITLES[what], 'focus'),
        span(
          ` ${id ?? ''}${filter === undefined || filter === '' ? '' : `only ${plain(filter, 60)}`}${round === null ? '' : ` · round ${round.epoch}`}`,
        ),
      ],
      foot: [span(behind === undefined ? 'esc closes it' : 'esc goes back', 'dim')],
      footEnd: [...read, span('CONTROL', 'focus')],
      rows,
    },
    rect: { ...area, y: area.y + rows.length, height: Math.max(0, area.height - rows.length) },
  };
}
