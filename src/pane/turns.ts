/** Long work in slices: one slice in a turn of the loop, however many ask, so that a keystroke waits for one at most. */
const waiting: (() => void)[] = [];
let timer: NodeJS.Immediate | null = null;

function run(): void {
  timer = null;
  const next = waiting.shift();
  // The next turn is asked for first: a slice that fails must not hold up the others.
  if (waiting.length > 0) timer = setImmediate(run);
  next?.();
}

/** Runs once, in a turn of its own; the answer takes it back. Nothing is left when nobody waits. */
export function inTurn(slice: () => void): () => void {
  waiting.push(slice);
  timer ??= setImmediate(run);
  return () => {
    const at = waiting.indexOf(slice);
    if (at >= 0) waiting.splice(at, 1);
    if (waiting.length > 0 || timer === null) return;
    clearImmediate(timer);
    timer = null;
  };
}
