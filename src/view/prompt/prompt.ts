/** What is asked for in one line, above the footer; everything else stays in view while it is answered. */
import { plain } from '../../core/plain.ts';
import { clusters, widthOf } from '../../core/width.ts';
import type { Line } from '../line-editor.ts';
import { fitRow, type Row, rowWidth, span, spread } from '../row.ts';
import type { Asking, Overlay } from '../ui-state.ts';

/** The word that ends the room. */
export const STOP_WORD = 'stop';

function question(asking: Asking): string {
  switch (asking.for) {
    case 'deny':
      return `why is ${asking.handoff} denied?`;
    case 'answer':
      return `your answer to ${plain(asking.to, 64)}:`;
    case 'withdraw':
      return `close ${asking.handoff} without a decision, because:`;
    case 'stop':
      return `type ${STOP_WORD} to end the room and ${asking.sessions === 1 ? 'its session' : `its ${asking.sessions} sessions`}:`;
    case 'filter':
      return 'list only what holds:';
    case 'entries':
      return 'show only (a kind, an instance, a handoff, or any word):';
    case 'find':
      return asking.everywhere ? 'find in all panes:' : 'find:';
  }
}

/** `found`: how the search goes whose text is being typed. */
export function promptLine(overlay: Extract<Overlay, { kind: 'prompt' | 'confirm' }>, cols: number, found: string): Row {
  if (overlay.kind === 'confirm')
    return fitRow(
      [
        span(' ? ', 'attention'),
        span(overlay.question, 'bold'),
        span('  '),
        span('y', 'key'),
        span(' yes  '),
        span('n', 'key'),
        span(' no'),
      ],
      cols,
    );
  const head: Row = [span(' ? ', 'attention'), span(question(overlay.asking), 'bold'), span(' ')];
  const end: Row = overlay.asking.for === 'find' ? [span(found, 'dim'), span(' ')] : [];
  return spread([...head, ...editedLine(overlay.line, cols - rowWidth(head) - rowWidth(end) - 1)], end, cols);
}

/** The part of the line around the cursor that fits; the cursor is a cell in inverse. */
export function editedLine({ text, cursor }: Line, width: number): Row {
  const shown = (part: string): string => part.replace(/\p{Cc}|\p{Cs}/gu, '');
  const under = clusters(shown(text.slice(cursor)))[0]?.text ?? ' ';
  const start = tail(shown(text.slice(0, cursor)), Math.max(0, width - 1 - widthOf(under)));
  return [
    span(start),
    span(under, 'selected'),
    span(shown(text.slice(cursor)).slice(under === ' ' && cursor === text.length ? 0 : under.length)),
  ];
}

/** The end of a text, at most `width` cells of it. */
function tail(text: string, width: number): string {
  const kept: string[] = [];
  let left = width;
  for (const cluster of clusters(text).toReversed()) {
    if (cluster.width > left) break;
    kept.unshift(cluster.text);
    left -= cluster.width;
  }
  return kept.join('');
}
