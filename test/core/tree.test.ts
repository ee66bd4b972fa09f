import { describe, expect, it } from 'vitest';
import { applyOps, diff, equal, getAt, isObject, type Json, type JsonObject, type Op } from '../../src/core/tree.ts';

/** Random trees that are the same in every run: a failure must be repeatable. */
function randomTrees(seed: number): () => JsonObject {
  let state = seed;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % below;
  };
  const keys = ['a', 'b', 'c', '__proto__', 'constructor', 'toString', '', '0'];
  const value = (depth: number): Json => {
    switch (draw(depth > 3 ? 4 : 7)) {
      case 0:
        return null;
      case 1:
        return draw(3);
      case 2:
        return draw(2) === 0;
      case 3:
        return ['x', 'y', ''][draw(3)] ?? 'x';
      case 4:
        return Array.from({ length: draw(3) }, () => value(depth + 1));
      default:
        return object(depth + 1);
    }
  };
  const object = (depth: number): JsonObject => {
    let tree: JsonObject = {};
    for (let count = draw(5); count > 0; count--) tree = applyOps(tree, [[[keys[draw(keys.length)] ?? 'a'], value(depth)]]);
    return tree;
  };
  return () => object(0);
}

function freeze<Value extends Json>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) freeze(inner as Json);
    Object.freeze(value);
  }
  return value;
}

describe('operations on a tree', () => {
  it('sets and deletes along a path, making what is missing', () => {
    expect(applyOps({}, [[['a', 'b'], 1]])).toEqual({ a: { b: 1 } });
    expect(applyOps({ a: 5 }, [[['a', 'b'], 1]])).toEqual({ a: { b: 1 } });
    expect(applyOps({ a: { b: 1, c: 2 } }, [[['a', 'b']]])).toEqual({ a: { c: 2 } });
    expect(applyOps({ a: 1 }, [[['x', 'y']]])).toEqual({ a: 1 });
    expect(applyOps({ a: 1 }, [[['a', 'y']]])).toEqual({ a: 1 });
    expect(applyOps({ a: [1, 2] }, [[['a', '0'], 9]])).toEqual({ a: { 0: 9 } });
  });

  it('changes nothing that it was given and shares what it did not touch', () => {
    const before = freeze({ left: { deep: { x: 1 } }, right: { y: 2 } });
    const after = applyOps(before, [[['left', 'deep', 'x'], 3]]);
    expect(before.left.deep.x).toBe(1);
    expect(after.right).toBe(before.right);
    expect(after).toEqual({ left: { deep: { x: 3 } }, right: { y: 2 } });
  });

  it('an empty path replaces the root by an object, and by nothing else', () => {
    expect(applyOps({ a: 1 }, [[[], { b: 2 }]])).toEqual({ b: 2 });
    expect(applyOps({ a: 1 }, [[[], 7]])).toEqual({ a: 1 });
    expect(applyOps({ a: 1 }, [[[]]])).toEqual({ a: 1 });
  });

  it('takes __proto__ from a foreign file as an ordinary key', () => {
    const tree = applyOps({}, [
      [['__proto__', 'polluted'], true],
      [['constructor', 'prototype', 'polluted'], true],
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(tree)).toBe(Object.prototype);
    expect(Object.keys(tree)).toEqual(['__proto__', 'constructor']);
    expect(getAt(tree, ['__proto__', 'polluted'])).toBe(true);
    expect(Object.keys(applyOps(tree, [[['__proto__']]]))).toEqual(['constructor']);
  });

  it('reads only what the tree itself holds', () => {
    expect(getAt({}, ['toString'])).toBeUndefined();
    expect(getAt({}, ['__proto__'])).toBeUndefined();
    expect(getAt([1], ['0'])).toBeUndefined();
    expect(getAt('text', ['length'])).toBeUndefined();
    expect(getAt(undefined, [])).toBeUndefined();
    expect(getAt({ a: null }, ['a'])).toBeNull();
  });

  it('the difference of two trees, applied to the first, gives the second: two thousand random pairs', () => {
    const next = randomTrees(42);
    for (let count = 0; count < 2000; count++) {
      const before = freeze(next());
      const after = freeze(next());
      const ops = diff(before, after);
      const reached = applyOps(before, JSON.parse(JSON.stringify(ops)) as Op[]);
      expect(JSON.stringify(sorted(reached))).toBe(JSON.stringify(sorted(after)));
      expect(equal(reached, after)).toBe(true);
      expect(diff(after, reached)).toEqual([]);
    }
  });

  it('the difference is small: an untouched branch is not named, a changed array is replaced whole', () => {
    const shared = { big: { x: 1 } };
    expect(diff({ a: shared, b: [1, 2], c: 1 }, { a: shared, b: [1, 3], c: 1 })).toEqual([[['b'], [1, 3]]]);
    expect(diff({ a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 1 } } })).toEqual([[['a', 'b', 'd']]]);
    expect(diff({ a: undefined }, {})).toEqual([]);
    expect(diff({}, { a: undefined })).toEqual([]);
    expect(diff({ a: 1 }, { a: undefined })).toEqual([[['a']]]);
  });

  it('equality looks at values and not at the order of keys; an undefined field is none', () => {
    expect(equal({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
    expect(equal({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(equal([1, 2], [2, 1])).toBe(false);
    expect(equal([1], [1, 2])).toBe(false);
    expect(equal({}, [])).toBe(false);
    expect(equal(null, {})).toBe(false);
    expect(equal({ toString: 1 }, { valueOf: 1 })).toBe(false);
    expect(isObject([])).toBe(false);
    expect(isObject(null)).toBe(false);
  });
});

function sorted(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map((item: Json) => sorted(item));
  if (!isObject(value)) return value ?? null;
  let tree: JsonObject = {};
  for (const key of Object.keys(value).toSorted()) tree = applyOps(tree, [[[key], sorted(value[key])]]);
  return tree;
}
