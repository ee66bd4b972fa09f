/** What one config says otherwise than another, in words, and what of it acts only with the operator's consent (PROTOCOL section 5, row 10). */

import type { Config } from './config.ts';
import { counted } from './counted.ts';
import { plain } from './plain.ts';
import { duration } from './time.ts';
import { equal, isObject, type Json, type JsonObject } from './tree.ts';

export type ConfigChange = {
  readonly path: string;
  readonly text: string;
  /** It changes what is judged or run, how far the coordinator goes, or what a key of the operator's means. */
  readonly consent: boolean;
};

/** Long enough for a whole command; what is cut says how much. */
const SHOWN = 600;
/**
 * Pure presentation, and what is remembered. A key is neither: whoever moves `approve` to another key decides with the
 * operator's hand.
 */
const AT_ONCE = ['ui.scrollbackLines', 'ui.mouse', 'ui.layout', 'policy.handoffsWhole', 'policy.handoffsWholeMs'];

export function configDifference(before: Config, after: Config): readonly ConfigChange[] {
  const found = compare('', before as unknown as Json, after as unknown as Json);
  return found.map(({ path, text }) => ({ path, text, consent: !AT_ONCE.some((one) => path === one || path.startsWith(`${one}.`)) }));
}

type Found = { readonly path: string; readonly text: string };

function compare(path: string, before: Json | undefined, after: Json | undefined): Found[] {
  const [old, now] = [before ?? null, after ?? null];
  if (equal(old, now)) return [];
  if (isObject(old) && isObject(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return keys.flatMap((key) => compare(joined(path, key), own(old, key), own(now, key)));
  }
  const [was, is] = [keyed(old), keyed(now)];
  if (was !== null && is !== null) return compareItems(path, was, is);
  // What a session's environment holds may be a secret, and this is read from screens.
  if (/^instances\..*\.env\./.test(path))
    return [{ path, text: `${path} ${old === null ? 'is new' : now === null ? 'is gone' : 'has another value'}` }];
  return [{ path, text: `${path}: ${shown(path, old)} → ${shown(path, now)}` }];
}

function compareItems(path: string, was: ReadonlyMap<string, JsonObject>, is: ReadonlyMap<string, JsonObject>): Found[] {
  const gone = [...was.keys()].filter((key) => !is.has(key));
  const added = [...is].filter(([key]) => !was.has(key));
  const both = [...is].filter(([key]) => was.has(key));
  const stayed = [...was.keys()].filter((key) => is.has(key));
  const moved = stayed.some((key, index) => both[index]?.[0] !== key);
  return [
    ...gone.map((key) => ({
      path: joined(path, key),
      text: `${path}: − ${plain(key, 200)}${path === 'instances' ? ' (its session ends)' : ''}`,
    })),
    ...added.map(([key, item]) => ({ path: joined(path, key), text: `${path}: + ${plain(key, 200)} (${whole(path, item)})` })),
    ...both.flatMap(([key, item]) => compare(joined(path, key), was.get(key), item)),
    ...(moved ? [{ path, text: `${path}: in another order` }] : []),
  ];
}

/** Items that have a name of their own; null: a list like any other. */
function keyed(value: Json): Map<string, JsonObject> | null {
  if (!Array.isArray(value)) return null;
  const items = new Map<string, JsonObject>();
  for (const item of value as readonly Json[]) {
    const name = isObject(item) ? (own(item, 'id') ?? own(item, 'text')) : undefined;
    if (!isObject(item) || typeof name !== 'string' || items.has(name)) return null;
    items.set(name, item);
  }
  return items;
}

/** What is run comes first: it is what consent is about. */
function whole(path: string, item: JsonObject): string {
  const fields = Object.entries(item).filter(([key, value]) => !['id', 'text'].includes(key) && !isEmpty(value));
  const first = ({ 0: key }: readonly [string, unknown]) => (key === 'command' ? 0 : 1);
  return fields
    .toSorted((a, b) => first(a) - first(b))
    .map(
      ([key, value]) =>
        `${key} ${path === 'instances' && key === 'env' ? Object.keys(value as JsonObject).join(', ') : shown(key, value ?? null)}`,
    )
    .join(', ');
}

function isEmpty(value: Json | undefined): boolean {
  return value == null || (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}

function shown(path: string, value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'number' && path.endsWith('Ms'))
    return value % 1000 !== 0 ? `${value} ms` : value % 60_000 === 0 ? duration(value) : `${value / 1000} s`;
  const text = JSON.stringify(value);
  return text.length <= SHOWN
    ? plain(text, SHOWN)
    : `${plain(text.slice(0, SHOWN), SHOWN)} (and ${counted(text.length - SHOWN, 'more character')})`;
}

function joined(path: string, key: string): string {
  const name = plain(key, 200);
  return path === ''
    ? name
    : path === 'verification'
      ? name === 'checks' || name === 'criteria'
        ? name
        : `verification.${name}`
      : `${path}.${name}`;
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
