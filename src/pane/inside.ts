/** xterm's private part, read with care: what is not there as expected is `undefined`, and whoever asks does without. */
import type { Terminal } from '@xterm/headless';

export function coreOf(terminal: Terminal): unknown {
  return (terminal as Terminal & { readonly _core?: unknown })._core;
}

export function part(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && name in of ? (of as Record<string, unknown>)[name] : undefined;
}

/** Any line will do where it is about what all of them do: those of all terminals have one prototype. */
export function firstLine(terminal: Terminal): unknown {
  return (part(part(coreOf(terminal), 'buffer'), 'lines') as { get?(at: number): unknown } | undefined)?.get?.(0);
}
