/**
 * Three-way merge of a document that somebody wrote, without knowing it, from an older revision. Pure.
 *
 * `base` is the document at that revision, `seen` are the documents that others wrote from the same revision
 * and that were merged already, `ours` is the document now. Only what differs from base AND from every seen one
 * is an edit: the rest was merely carried along.
 */
import type { Conflict, Edit, Refused } from '../core/event.ts';
import { isOwned, OWNED_ROOTS } from '../core/ownership.ts';
import type { Merged } from '../core/ports.ts';
import { diff, equal, getAt, isObject, type Json, type JsonObject, type Path } from '../core/tree.ts';

/** What the store stamps onto a projection; no part of the document. */
const STAMPS: readonly string[] = ['revision', 'storeId'];

export type MergeInput = {
  readonly base: JsonObject;
  readonly seen: readonly JsonObject[];
  readonly ours: JsonObject;
  readonly theirs: JsonObject;
  /** Whether what is absent was deleted; false when the writer's base had to be guessed. */
  readonly deletes: boolean;
};

export type Changes = Omit<Merged, 'base'>;

export function mergeDocument(input: MergeInput): Changes {
  const missing = [...OWNED_ROOTS, 'instances'].filter((root) => Object.hasOwn(input.base, root) && !Object.hasOwn(input.theirs, root));
  const edits: Edit[] = [];
  const refused: Refused[] = [];
  const conflicts: Conflict[] = [];
  const seenAt = (path: Path, value: Json | undefined): boolean => input.seen.some((version) => equal(getAt(version, path), value));
  // A document that lost a required part lost it by accident, and perhaps other parts as well.
  const deletes = input.deletes && missing.length === 0;
  if (input.deletes) {
    for (const root of missing) {
      if (!seenAt([root], undefined)) refused.push({ path: [root], value: undefined, why: `${root} is required: nothing was deleted` });
    }
  }

  function walk(base: JsonObject, ours: JsonObject, theirs: JsonObject, at: Path): void {
    for (const key of new Set([...Object.keys(base), ...Object.keys(theirs)])) {
      const path = [...at, key];
      const was = own(base, key);
      const mine = own(ours, key);
      const wanted = own(theirs, key);
      const owner = ownerOf(path);
      if (owner !== null) refuse(path, was, mine, wanted, owner);
      else if (wanted === undefined) remove(path, was, mine);
      else if (isObject(wanted) && isTree(was) && isTree(mine)) {
        if (Object.keys(wanted).length === 0 && was === undefined && mine === undefined && !seenAt(path, wanted))
          edits.push({ path, value: wanted });
        walk(was ?? {}, mine ?? {}, wanted, path);
      } else change(path, was, mine, wanted);
    }
  }

  function refuse(path: Path, was: Json | undefined, mine: Json | undefined, wanted: Json | undefined, why: string): void {
    if (wanted === undefined) return;
    // Field by field, so that the operator reads which one was tried.
    const both = isObject(was) && isObject(wanted);
    const ops = both ? diff(was, wanted) : equal(was, wanted) ? [] : [[[], wanted] as const];
    for (const op of ops) {
      const full = [...path, ...op[0]];
      const value = op.length === 1 ? undefined : op[1];
      if (op.length === 1 && !deletes) continue;
      if (!seenAt(full, value) && !equal(isObject(mine) || op[0].length === 0 ? getAt(mine, op[0]) : undefined, value))
        refused.push({ path: full, value, why });
    }
  }

  function remove(path: Path, was: Json | undefined, mine: Json | undefined): void {
    if (!deletes || was === undefined || mine === undefined || seenAt(path, undefined)) return;
    if (isInstance(path)) refused.push({ path, value: undefined, why: 'an instance is not removed through the file' });
    else if (equal(was, mine)) edits.push({ path, value: undefined });
    // A deletion holds no data, so the change that it collides with is kept.
    else conflicts.push({ path, base: was, ours: mine, theirs: undefined, win: 'ours' });
  }

  function change(path: Path, was: Json | undefined, mine: Json | undefined, wanted: Json): void {
    // What was taken already is looked for first: hundreds of versions may have been made from one revision.
    if (equal(was, wanted) || equal(mine, wanted) || seenAt(path, wanted)) return;
    if (isInstance(path)) {
      refused.push({ path, value: wanted, why: 'an instance is a JSON object' });
      return;
    }
    if (equal(was, mine)) {
      edits.push({ path, value: wanted });
      return;
    }
    const joined = join(path, was, mine, wanted);
    if (joined !== null && equal(joined, mine)) return;
    if (joined === null && isOlder(path)) {
      conflicts.push({ path, base: was, ours: mine, theirs: wanted, win: 'ours' });
      return;
    }
    edits.push({ path, value: joined ?? wanted });
    if (joined === null || !equal(joined, wanted))
      conflicts.push({ path, base: was, ours: mine, theirs: wanted, win: joined === null ? 'theirs' : 'both' });
  }

  /** Whether the writer dated this instance's part himself, with his edit, and earlier than what we have of it. */
  function isOlder([root, instance]: Path): boolean {
    if (root !== 'instances' || instance === undefined) return false;
    const [was, mine, wanted] = [input.base, input.ours, input.theirs].map((document) =>
      timeOf(getAt(document, ['instances', instance, 'lastUpdate'])),
    );
    return mine !== null && wanted !== null && wanted !== was && (wanted ?? 0) < (mine ?? 0);
  }

  /** Two lists that both grew from one beginning: ours, then what they appended. null: not of that kind. */
  function join(path: Path, was: Json | undefined, mine: Json | undefined, wanted: Json): readonly Json[] | null {
    if (!isList(mine) || !isList(wanted)) return null;
    const beginnings = [was ?? [], ...input.seen.map((version) => getAt(version, path))].filter(isList);
    const common = beginnings.filter((list) => isPrefix(list, mine) && isPrefix(list, wanted)).sort((a, b) => b.length - a.length)[0];
    return common === undefined ? null : [...mine, ...wanted.slice(common.length)];
  }

  walk(input.base, input.ours, input.theirs, []);
  return { edits, refused, conflicts };
}

/** The sentence why a path cannot be set through the file; null when it can. */
export function ownerOf(path: Path): string | null {
  if (!isOwned(path)) return null;
  const [root, , field] = path;
  return root === 'instances'
    ? `the field ${field} of an instance belongs to the coordinator`
    : `${root} belongs to the coordinator: the file is not a way to set it`;
}

export function isInstance(path: Path): boolean {
  return path.length === 2 && path[0] === 'instances';
}

/** The document without what a projection adds. */
export function unstamped(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !STAMPS.includes(key)));
}

/** ISO 8601 in UTC, as `date -u` and JavaScript write it; null for anything else. */
function timeOf(value: Json | undefined): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]{8,15}Z$/.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

/** A key such as `__proto__` is found only where it is really written. */
function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isTree(value: Json | undefined): value is JsonObject | undefined {
  return value === undefined || isObject(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isPrefix(short: readonly Json[], long: readonly Json[]): boolean {
  return short.length <= long.length && short.every((item, index) => equal(item, long[index]));
}
