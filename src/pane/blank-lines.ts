/**
 * A line of a full history is used again for the next one, and the emulator gives it two new objects each time, nearly
 * always empty: they live until the line is used again, so that of a program that prints without pause they are most of
 * what the memory's collector has to carry about. Here what is empty stays where it is.
 */
import type { Terminal } from '@xterm/headless';
import { firstLine, part } from './inside.ts';

type Rare = Readonly<Record<number, unknown>>;
type Line = {
  readonly length: number;
  isWrapped: boolean;
  readonly _data: Uint32Array;
  readonly _combined: Rare;
  readonly _extendedAttrs: Rare;
  copyFrom(line: Line): void;
};
const spared = new WeakSet<object>();

/** Where lines are otherwise than expected, nothing changes. */
export function spareBlankLines(terminal: Terminal): void {
  const line = firstLine(terminal);
  if (!isAsExpected(line)) return;
  const prototype = Object.getPrototypeOf(line) as Line;
  if (spared.has(prototype)) return;
  spared.add(prototype);
  const copy = prototype.copyFrom;
  prototype.copyFrom = function (from) {
    if (this.length !== from.length || !isPlain(this) || !isPlain(from)) {
      copy.call(this, from);
      return;
    }
    this._data.set(from._data);
    this.isWrapped = from.isWrapped;
  };
}

/** Of letters and colours only: no character of several code points, no underline of its own, no link. */
function isPlain({ _combined, _extendedAttrs }: Line): boolean {
  for (const _ in _combined) return false;
  for (const _ in _extendedAttrs) return false;
  return true;
}

function isAsExpected(line: unknown): line is Line {
  return (
    typeof part(line, 'copyFrom') === 'function' &&
    part(line, '_data') instanceof Uint32Array &&
    typeof part(line, 'length') === 'number' &&
    typeof part(line, 'isWrapped') === 'boolean' &&
    typeof part(line, '_combined') === 'object' &&
    typeof part(line, '_extendedAttrs') === 'object'
  );
}
