/** The operator's own keys, from the config: a new table, and what is wrong with what was asked for. */

import { keyName } from './key-names.ts';
import type { Binding, CommandId, Scope } from './keymap.ts';

export type Bound = { readonly keymap: readonly Binding[]; readonly problems: readonly string[] };

const MODIFIED =
  /^(?:ctrl\+|alt\+|shift\+)?(?:[a-z0-9]|f[1-9]|f1[0-2]|enter|esc|tab|space|backspace|delete|up|down|left|right|home|end|pgup|pgdn|[\]\\^_@[])$/u;

/**
 * `overrides` gives a command one key instead of its own. An override that is no command, no key, or that takes
 * a key which another command of the same scope has, is left out and told as a sentence.
 */
export function bindKeys(table: readonly Binding[], overrides: Readonly<Record<string, string>>, leader: string): Bound {
  const problems: string[] = [];
  let keymap = table;
  for (const [id, key] of Object.entries(overrides)) {
    const problem = objection(keymap, id, key, leader);
    if (problem !== null) problems.push(problem);
    else keymap = keymap.map((one) => (one.id === id ? { ...one, keys: [key] } : one));
  }
  return { keymap, problems };
}

function objection(keymap: readonly Binding[], id: string, key: string, leader: string): string | null {
  const own = keymap.find((one) => one.id === id);
  if (own === undefined) return `ui.keys: there is no command "${id.slice(0, 40)}"`;
  if (Array.from(key).length !== 1 && !MODIFIED.test(key)) return `ui.keys.${id}: "${key.slice(0, 40)}" is no key`;
  if (key === leader) return `ui.keys.${id}: ${keyName(key)} gives the keys back to the room already`;
  const other = keymap.find((one) => one.scope === own.scope && one.id !== id && one.keys.includes(key));
  return other === undefined ? null : `ui.keys.${id}: ${keyName(key)} is taken by ${other.id} (${other.help})`;
}

/** Keys that two bindings of one scope share: none in a sound table. */
export function conflictsIn(
  table: readonly Binding[],
): { readonly scope: Scope; readonly key: string; readonly ids: readonly CommandId[] }[] {
  const taken = new Map<string, Binding[]>();
  for (const one of table) for (const key of one.keys) taken.set(`${one.scope} ${key}`, [...(taken.get(`${one.scope} ${key}`) ?? []), one]);
  return [...taken.entries()]
    .filter(([, those]) => those.length > 1)
    .map(([at, those]) => ({ scope: those[0]?.scope ?? 'control', key: at.slice(at.indexOf(' ') + 1), ids: those.map(({ id }) => id) }));
}
