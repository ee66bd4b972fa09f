/** How keys are written for people. */
import type { Binding } from './keymap.ts';

const NAMES: Readonly<Record<string, string>> = {
  enter: '⏎',
  esc: 'esc',
  space: 'space',
  tab: 'tab',
  'shift+tab': 'shift-tab',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pgup: 'PgUp',
  pgdn: 'PgDn',
};

export function keyName(key: string): string {
  return (Object.hasOwn(NAMES, key) ? NAMES[key] : undefined) ?? key.replace(/^ctrl\+/u, 'ctrl-').replace(/^alt\+/u, 'alt-');
}

/** All keys of a binding; a row of digits as a range. */
export function keyNames({ keys }: Pick<Binding, 'keys'>): string {
  const digits = keys.length > 2 && keys.every((key) => /^[0-9]$/u.test(key));
  return digits ? `${keys[0]}–${keys.at(-1)}` : keys.map(keyName).join(' ');
}
