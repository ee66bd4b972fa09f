/**
 * The one state is a tree of JSON; a change to it is a list of operations. The journal holds
 * operations, recovery folds them, and nobody ever runs a decision twice (DESIGN section 4).
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** Keys from the root. Arrays are values: they are replaced whole, never entered. */
export type Path = readonly string[];

/** `[path, value]` sets, `[path]` alone deletes. */
export type Op = readonly [Path, Json] | readonly [Path];

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function getAt(tree: Json | undefined, path: Path): Json | undefined {
  let here: Json | undefined = tree;
  for (const key of path) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** A new tree that shares every untouched branch with the old one. */
export function applyOps(tree: JsonObject, ops: readonly Op[]): JsonObject {
  let next = tree;
  for (const op of ops) next = setAt(next, op[0], op.length === 1 ? undefined : op[1]);
  return next;
}

function setAt(tree: JsonObject, path: Path, value: Json | undefined): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return isObject(value) ? value : tree;
  if (rest.length === 0) return value === undefined ? without(tree, key) : assign(tree, key, value);
  const child = Object.hasOwn(tree, key) ? tree[key] : undefined;
  if (value === undefined && !isObject(child)) return tree;
  return assign(tree, key, setAt(isObject(child) ? child : {}, rest, value));
}

/** `__proto__` from a foreign file must become an ordinary key, hence no plain assignment. */
function assign(tree: JsonObject, key: string, value: Json): JsonObject {
  const copy: Record<string, Json | undefined> = { ...tree };
  Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
  return copy;
}

function without(tree: JsonObject, key: string): JsonObject {
  if (!Object.hasOwn(tree, key)) return tree;
  const { [key]: _gone, ...rest } = tree;
  return rest;
}

/** The operations that turn `before` into `after`; branches shared by identity are not entered. */
export function diff(before: JsonObject, after: JsonObject): Op[] {
  const ops: Op[] = [];
  collect(before, after, [], ops);
  return ops;
}

function collect(before: JsonObject, after: JsonObject, at: string[], ops: Op[]): void {
  if (before === after) return;
  for (const key of Object.keys(before)) {
    if (before[key] !== undefined && (!Object.hasOwn(after, key) || after[key] === undefined)) ops.push([[...at, key]]);
  }
  for (const key of Object.keys(after)) {
    const now = after[key];
    if (now === undefined) continue;
    const was = Object.hasOwn(before, key) ? before[key] : undefined;
    if (isObject(was) && isObject(now)) collect(was, now, [...at, key], ops);
    else if (!equal(was, now)) ops.push([[...at, key], now]);
  }
}

export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: Json, index) => equal(item, (b as readonly Json[])[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const left = Object.keys(a).filter((key) => a[key] !== undefined);
  const right = Object.keys(b).filter((key) => b[key] !== undefined);
  return left.length === right.length && left.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}
