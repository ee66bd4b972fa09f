/** The line above the footer: the answer to the last key, else what is wrong, else a hint, else the newest alert. */
import { plain } from '../../core/plain.ts';
import type { Model } from '../model.ts';
import { clock, fitRow, type Row, span } from '../row.ts';
import type { Ui } from '../ui-state.ts';
import { inPlainWords } from '../words.ts';

const MAX_TEXT = 600;

export function messageLine(model: Model, ui: Ui): Row {
  return fitRow([span(' '), ...content(model, ui)], ui.size.cols);
}

function content(model: Model, ui: Ui): Row {
  if (ui.notice !== null) {
    const { text, level } = ui.notice;
    return [span(level === 'warning' ? '! ' : '· ', level === 'warning' ? 'warn' : 'info'), span(inPlainWords(plain(text, MAX_TEXT)))];
  }
  if (model.trouble !== null) return [span('✗ nothing can be kept: ', 'bad'), span(plain(model.trouble, MAX_TEXT))];
  if (model.hint !== null) return [span('→ ', 'focus'), span(plain(model.hint, MAX_TEXT))];
  const alert = model.state.coordinator.alerts.at(-1);
  if (alert === undefined) return [];
  const sign = { info: span('· ', 'info'), warning: span('! ', 'warn'), urgent: span('⚑ ', 'attention') }[alert.level];
  return [sign, clock(alert.at, 'since', { align: 'right' }), span('  '), span(inPlainWords(plain(alert.text, MAX_TEXT)), 'dim')];
}
