/** The first line: where this is, what goes on, how far the coordinator may go, and whether it needs you. */

import { plain } from '../../core/plain.ts';
import { handoffIn, type Model, needsOf } from '../model.ts';
import { clock, fitRow, type Row, rowWidth, span } from '../row.ts';
import type { Ui } from '../ui-state.ts';
import { autopilotLook, NEEDS_YOU, phaseLook } from '../words.ts';

/** The lower the rank, the sooner it goes when the line is too narrow. */
type Segment = { readonly rank: number; readonly row: Row };

const GAP = span('   ');

/** What was verified, approved or denied last is what the room is about. */
function currentSegment(model: Model, ui: Ui): Segment[] {
  const open = Object.values(model.state.coordinator.handoffs).filter(({ closedAt }) => closedAt === null);
  const running = handoffIn(model, model.live?.handoff ?? null);
  const current = running ?? handoffIn(model, ui.selected) ?? open[0] ?? null;
  if (current === null) return [{ rank: 3, row: [span('○ no work yet', 'dim')] }];
  const { sign, word, style } = phaseLook(current);
  return [{ rank: 3, row: [span(`${sign} ${word}`, style), span(` ${current.id}`)] }];
}

function needSegments(model: Model): Segment[] {
  const count = needsOf(model).length;
  const stalled: Segment[] = model.trouble === null ? [] : [{ rank: 9, row: [span('✗ nothing can be kept', 'bad')] }];
  if (count === 0) return stalled;
  const text = `${NEEDS_YOU.sign} ${count} ${count === 1 ? 'needs' : 'need'} you`;
  return [...stalled, { rank: 8, row: [span(text, NEEDS_YOU.style, { kind: 'command', command: 'next-need' })] }];
}

export function titleLine(model: Model, ui: Ui): Row {
  const { dial, paused } = model.state.coordinator.autopilot;
  const { emergency } = model.state.coordinator;
  const autopilot = autopilotLook(dial, paused);
  const { nextAt } = model.cycle;
  const segments: Segment[] = [
    { rank: 2, row: [span('coordtui', 'bold')] },
    ...(emergency ? [{ rank: 10, row: [span('✗ EMERGENCY STOP', 'bad'), span(' p goes on', 'dim')] }] : []),
    { rank: 7, row: [span(plain(model.workspaceName, 30), 'bold')] },
    ...currentSegment(model, ui),
    { rank: 4, row: [span('autopilot ', 'dim'), span(`${autopilot.sign} ${autopilot.word}`, autopilot.style)] },
    ...(nextAt === null ? [] : [{ rank: 1, row: [span('looks again in ', 'dim'), clock(nextAt, 'until')] }]),
    ...(model.clients > 1 ? [{ rank: 1.5, row: [span(`${model.clients} screens`, 'dim')] }] : []),
    ...(model.role === 'holder' ? [] : [{ rank: 6, row: [span(model.role === 'watcher' ? '◌ watching' : '◌ only looking', 'warn')] }]),
    ...needSegments(model),
  ];
  return fitRow([span(' '), ...joined(fitting(segments, ui.size.cols - 1))], ui.size.cols);
}

function fitting(segments: readonly Segment[], width: number): readonly Segment[] {
  if (rowWidth(joined(segments)) <= width || segments.length <= 1) return segments;
  const least = Math.min(...segments.map(({ rank }) => rank));
  return fitting(
    segments.filter(({ rank }) => rank !== least),
    width,
  );
}

function joined(segments: readonly Segment[]): Row {
  return segments.flatMap(({ row }, index) => (index === 0 ? row : [GAP, ...row]));
}
