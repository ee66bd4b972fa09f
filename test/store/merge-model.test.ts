import { expect, test } from 'vitest';
import type { Foreign } from '../../src/core/ports.ts';
import { applyOps, getAt, type Json, type JsonObject, type Op } from '../../src/core/tree.ts';
import { createMerging } from '../../src/store/merging.ts';
import { createRevisions, documentOf } from '../../src/store/revisions.ts';

/** `MERGE_HISTORIES=100000` for the long form. */
const HISTORIES = Number(process.env['MERGE_HISTORIES'] ?? 2_000);
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
function history(seed: number, together: boolean): { found: JsonObject; expected: JsonObject } {
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
  let waiting: Foreign[] = [];
  /** What waits is merged one after the other, and only then kept. */
  const keep = (): void => {
    const ahead = merging.ahead();
    const kept = waiting.map((foreign) => {
      const ops = ahead
        .merge(foreign)
        .edits.map(({ path, value }): Op => (value === undefined ? [['document', ...path]] : [['document', ...path], value]));
      ahead.add({ kind: 'ext', id: foreign.id, event: null, ops });
      return { ops, more: { kind: 'ext', id: foreign.id, ...merging.origin(foreign.id) } };
    });
    waiting = [];
    for (const { ops, more } of kept) adopt(ops, more);
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
      keep();
      const ops: Op[] = [[['handoffProtocol', 'n'], step]];
      expected = applyOps(expected, ops);
      adopt(ops.map(([path]) => [['document', ...path], step]));
    } else if (dice < 4) copies.set(agent, random(2) === 0 ? projection : latest);
    else if (dice < 5) {
      keep();
      projection = project();
    } else {
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
      waiting.push(foreign);
      if (together && random(4) > 0) continue;
      keep();
      if (random(2) === 0) projection = project();
    }
  }
  keep();
  return { found: documentOf(tree), expected };
}

test.each([
  ['each kept before the next is merged', false],
  ['several merged and then kept in one go', true],
])(`${HISTORIES} random histories, %s: nothing is lost, nothing comes back`, { timeout: 3_600_000 }, (_, together) => {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const { found, expected } = history(seed, together);
    expect(found, `seed ${seed}`).toEqual(expected);
  }
});
