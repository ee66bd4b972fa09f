/**
 * What a few bytes of a program may cost. The emulator does as often as it is told: two milliards of inserted lines hold
 * up the room for an hour, and a letter with a million marks, repeated a thousand times, takes all its memory. No count
 * beyond the screen's own size shows anything more, and of a character no more is kept than is ever shown.
 */
import type { Terminal } from '@xterm/headless';
import { LONGEST_CLUSTER } from '../core/width.ts';
import { coreOf, firstLine, part } from './inside.ts';

/** By the final character of the sequence, the most that can be seen of it. */
const COUNTED: Readonly<Record<string, (terminal: Terminal) => number>> = {
  ...Object.fromEntries([...'LMST'].map((final) => [final, ({ rows }: Terminal) => rows])),
  ...Object.fromEntries([...'IZ@PX'].map((final) => [final, ({ cols }: Terminal) => cols])),
  b: ({ cols, rows }) => cols * rows,
};

/** Parameters as xterm's parser has them: the next handler gets the same ones. */
type Parameters = { readonly length: number; readonly params: Int32Array };
type Parser = { registerCsiHandler(id: { final: string }, handler: (parameters: Parameters) => boolean): unknown };

/** Where xterm's private part is otherwise than expected, what counts too far is left out. */
export function boundCosts(terminal: Terminal): void {
  const parser = part(part(coreOf(terminal), '_inputHandler'), '_parser');
  for (const [final, most] of Object.entries(COUNTED)) {
    if (typeof part(parser, 'registerCsiHandler') !== 'function') {
      terminal.parser.registerCsiHandler({ final }, ([count]) => typeof count === 'number' && count > most(terminal));
      continue;
    }
    (parser as Parser).registerCsiHandler({ final }, ({ length, params }) => {
      const count = params[0] ?? 0;
      if (length > 0 && count > most(terminal)) params[0] = most(terminal);
      return false;
    });
  }
  boundClusters(terminal);
}

type Line = { _combined: Record<number, string>; addCodepointToCell(at: number, codePoint: number, width: number): void };
const bounded = new WeakSet<object>();

function boundClusters(terminal: Terminal): void {
  const line = firstLine(terminal);
  if (typeof part(line, 'addCodepointToCell') !== 'function' || typeof part(line, '_combined') !== 'object') return;
  const prototype = Object.getPrototypeOf(line) as Line;
  if (bounded.has(prototype)) return;
  bounded.add(prototype);
  const add = prototype.addCodepointToCell;
  prototype.addCodepointToCell = function (at, codePoint, width) {
    const before = this._combined[at];
    add.call(this, at, codePoint, width);
    // What it adds may also make the character wider, and that is kept.
    if (before !== undefined && before.length >= LONGEST_CLUSTER && (this._combined[at]?.length ?? 0) > before.length)
      this._combined[at] = before;
  };
}
