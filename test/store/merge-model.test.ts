import { expect, test } from 'vitest';
import { applyOps, getAt, type Json, type JsonObject, type Op } from '../../src/core/tree.ts';
import { createMerging } from '../../src/store/merging.ts';
import { createRevisions, documentOf } from '../../src/store/revisions.ts';

const AGENTS = ['a', 'b', 'c'];
const FIELDS = ['f0', 'f1', 'f2'];

/** A small generator with a seed, so that a failure can be run again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * Agents edit their own fields and lists in documents that they read long ago, that they wrote themselves, or
 * that another agent has just written; the coordinator goes on meanwhile. Every version is seen. Then nothing may be
 * lost and nothing may come back: each field holds its writer's last value, each list each item once, in order.
 */
function history(seed: number): { found: JsonObject; expected: JsonObject } {
  const random = randomFrom(seed);
  let seq = 0;
  let tree: JsonObject = {
    document: { instances: Object.fromEntries(AGENTS.map((agent) => [agent, { log: [] as Json }])), handoffProtocol: { n: 0 } },
  };
  const revisions = createRevisions({ kept: 4_096, segments: () => [] });
  const merging = createMerging({ storeId: 's', seq: () => seq, document: () => documentOf(tree), revisions });
  const adopt = (ops: readonly Op[], more: object = {}): void => {
    seq += 1;
    tree = applyOps(tree, ops);
    revisions.note({ v: 1, seq, t: '', kind: 'coord', id: null, event: null, ops, ...more }, tree);
  };
  adopt([]);
  const project = (): JsonObject => ({ ...documentOf(tree), revision: seq, storeId: 's' });
  let expected = documentOf(tree);
  let projection = project();
  let latest = projection;
  const copies = new Map(AGENTS.map((agent) => [agent, projection]));

  for (let step = 1; step <= 60; step++) {
    const agent = AGENTS[random(AGENTS.length)] ?? 'a';
    const dice = random(10);
    if (dice < 2) {
      const ops: Op[] = [[['handoffProtocol', 'n'], step]];
      expected = applyOps(expected, ops);
      adopt(ops.map(([path]) => [['document', ...path], step]));
    } else if (dice < 4) copies.set(agent, random(2) === 0 ? projection : latest);
    else if (dice < 5) projection = project();
    else {
      const list = random(4) === 0;
      const path = ['instances', agent, list ? 'log' : (FIELDS[random(FIELDS.length)] ?? 'f0')];
      const mine = copies.get(agent) ?? projection;
      // Who edits a list reads it first; an item never vanishes from a copy that is older than its own writer.
      const items = getAt(expected, path) as readonly Json[] | undefined;
      const before = getAt(mine, path) as readonly Json[] | undefined;
      if (list && before?.length !== items?.length) continue;
      const value: Json = list ? [...(before ?? []), step] : step;
      const stale = AGENTS.some(
        (other) =>
          other === agent &&
          FIELDS.some((field) => getAt(mine, ['instances', agent, field]) !== getAt(expected, ['instances', agent, field])),
      );
      // An agent knows what it wrote itself: its own fields are never older than its last write.
      if (stale) continue;
      latest = applyOps(mine, [[path, value]]);
      copies.set(agent, latest);
      expected = applyOps(expected, [[path, value]]);
      const foreign = { kind: 'document', id: `v${step}`, source: 'status', document: latest } as const;
      if (merging.carriesNothing(latest)) continue;
      const merged = merging.merge(foreign);
      const ops = merged.edits.map(
        (edit): Op => (edit.value === undefined ? [['document', ...edit.path]] : [['document', ...edit.path], edit.value]),
      );
      adopt(ops, { kind: 'ext', id: foreign.id, ...merging.origin(foreign.id) });
      if (random(2) === 0) projection = project();
    }
  }
  return { found: documentOf(tree), expected };
}

test('2,000 random histories: nothing is lost, nothing comes back', () => {
  for (let seed = 1; seed <= 2_000; seed++) {
    const { found, expected } = history(seed);
    expect(found, `seed ${seed}`).toEqual(expected);
  }
});
