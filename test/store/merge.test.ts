import { describe, expect, test } from 'vitest';
import type { Foreign } from '../../src/core/ports.ts';
import type { Json, JsonObject, Path } from '../../src/core/tree.ts';
import { mostSimilar, statedRevision } from '../../src/store/base.ts';
import { beyondLimits, parseDocument } from '../../src/store/limits.ts';
import { type Changes, mergeDocument } from '../../src/store/merge.ts';
import { mergeSet } from '../../src/store/merge-set.ts';

const base: JsonObject = {
  instances: { a: { status: 'ACTIVE', task: 'one', log: ['x'], messages: [] }, b: { status: 'STANDBY' } },
  handoffProtocol: { currentHandoffPhase: 'NONE', history: [] },
  notes: { text: 'n' },
};

/** A copy with one place changed; undefined removes. */
function put(document: JsonObject, path: Path, value: Json | undefined): JsonObject {
  const [key = '', ...rest] = path;
  const copy: Record<string, Json | undefined> = { ...document };
  if (rest.length > 0) copy[key] = put((document[key] ?? {}) as JsonObject, rest, value);
  else if (value === undefined) delete copy[key];
  else copy[key] = value;
  return copy;
}

type Case = { ours?: JsonObject; theirs: JsonObject; seen?: JsonObject[]; deletes?: boolean; expected: Partial<Changes> };

function check({ ours = base, theirs, seen = [], deletes = true, expected }: Case): void {
  const nothing: Changes = { edits: [], refused: [], conflicts: [] };
  expect(mergeDocument({ base, ours, theirs, seen, deletes })).toEqual({ ...nothing, ...expected });
}

const task: Path = ['instances', 'a', 'task'];
const log: Path = ['instances', 'a', 'log'];
const owned = (root: string): string => `${root} belongs to the coordinator: the file is not a way to set it`;

describe('merge: what is an edit', () => {
  test('nothing differs from base: nothing, whatever we changed meanwhile', () =>
    check({ ours: put(base, task, 'ours'), theirs: base, expected: {} }));
  test('differs from base, we did not touch it: taken', () =>
    check({ theirs: put(base, task, 'two'), expected: { edits: [{ path: task, value: 'two' }] } }));
  test('both made the same change: nothing', () => check({ ours: put(base, task, 'two'), theirs: put(base, task, 'two'), expected: {} }));
  test('a new instance comes field by field', () =>
    check({
      theirs: put(base, ['instances', 'c'], { status: 'READY', deep: { x: 1 }, empty: {} }),
      expected: {
        edits: [
          { path: ['instances', 'c', 'status'], value: 'READY' },
          { path: ['instances', 'c', 'deep', 'x'], value: 1 },
          { path: ['instances', 'c', 'empty'], value: {} },
        ],
      },
    }));
  test('carried along from an older edit: not an edit, though it differs from base', () =>
    check({ ours: put(base, task, 'three'), theirs: put(base, task, 'two'), seen: [put(base, task, 'two')], expected: {} }));
  test('carried along and something new beside it: only the new', () => {
    const seen = put(base, task, 'two');
    check({
      ours: put(seen, task, 'three'),
      theirs: put(seen, ['notes', 'text'], 'm'),
      seen: [seen],
      expected: { edits: [{ path: ['notes', 'text'], value: 'm' }] },
    });
  });
  test.each(['__proto__', 'constructor', 'toString'])('%s is a key like any other', (key) => {
    const theirs = JSON.parse(
      `{"instances":{"a":{"status":"ACTIVE","task":"one","log":["x"],"messages":[],"${key}":{"polluted":1}},"b":{"status":"STANDBY"}},"handoffProtocol":{"currentHandoffPhase":"NONE","history":[]},"notes":{"text":"n"}}`,
    ) as JsonObject;
    check({ theirs, expected: { edits: [{ path: ['instances', 'a', key, 'polluted'], value: 1 }] } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('merge: both changed it', () => {
  test('below an instance the foreign value wins, and both are told', () =>
    check({
      ours: put(base, task, 'ours'),
      theirs: put(base, task, 'theirs'),
      expected: {
        edits: [{ path: task, value: 'theirs' }],
        conflicts: [{ path: task, base: 'one', ours: 'ours', theirs: 'theirs', win: 'theirs' }],
      },
    }));
  test('lists that grew from one beginning: both tails', () =>
    check({
      ours: put(base, log, ['x', 'ours']),
      theirs: put(base, log, ['x', 'theirs']),
      expected: {
        edits: [{ path: log, value: ['x', 'ours', 'theirs'] }],
        conflicts: [{ path: log, base: ['x'], ours: ['x', 'ours'], theirs: ['x', 'theirs'], win: 'both' }],
      },
    }));
  test('a list that grew twice from one revision: the first tail comes once', () => {
    const seen = put(base, log, ['x', '1']);
    check({
      ours: seen,
      theirs: put(base, log, ['x', '1', '2']),
      seen: [seen],
      expected: { edits: [{ path: log, value: ['x', '1', '2'] }] },
    });
  });
  test('two that made the same list: both tails', () => {
    const path: Path = ['instances', 'b', 'list'];
    check({
      ours: put(base, path, ['ours']),
      theirs: put(base, path, ['theirs']),
      expected: {
        edits: [{ path, value: ['ours', 'theirs'] }],
        conflicts: [{ path, base: undefined, ours: ['ours'], theirs: ['theirs'], win: 'both' }],
      },
    });
  });
  test('lists without a common beginning: the foreign one wins', () =>
    check({
      ours: put(base, log, ['ours']),
      theirs: put(base, log, ['theirs']),
      expected: {
        edits: [{ path: log, value: ['theirs'] }],
        conflicts: [{ path: log, base: ['x'], ours: ['ours'], theirs: ['theirs'], win: 'theirs' }],
      },
    }));
  test('a branch where we have a value: one conflict over the whole, nothing lost unseen', () => {
    const path: Path = ['instances', 'b', 'spot'];
    check({
      ours: put(base, path, 5),
      theirs: put(base, path, { x: 1 }),
      expected: { edits: [{ path, value: { x: 1 } }], conflicts: [{ path, base: undefined, ours: 5, theirs: { x: 1 }, win: 'theirs' }] },
    });
  });
});

describe('merge: what belongs to the coordinator (PROTOCOL §1: through the file an instance only reports)', () => {
  const phase: Path = ['handoffProtocol', 'currentHandoffPhase'];
  test('APPROVED in handoffProtocol is refused and told, never taken', () =>
    check({
      theirs: put(base, phase, 'APPROVED'),
      expected: { refused: [{ path: phase, value: 'APPROVED', why: owned('handoffProtocol') }] },
    }));
  test('also when we changed it meanwhile: ours stays', () =>
    check({
      ours: put(base, phase, 'VERIFICATION'),
      theirs: put(base, phase, 'APPROVED'),
      expected: { refused: [{ path: phase, value: 'APPROVED', why: owned('handoffProtocol') }] },
    }));
  test('a refused value that is carried along is told once', () =>
    check({ theirs: put(base, phase, 'APPROVED'), seen: [put(base, phase, 'APPROVED')], expected: {} }));
  test('an instance may call itself APPROVED: that is its own report', () =>
    check({
      theirs: put(base, ['instances', 'a', 'status'], 'APPROVED'),
      expected: { edits: [{ path: ['instances', 'a', 'status'], value: 'APPROVED' }] },
    }));
  test('the roots that do not exist yet are owned too', () =>
    check({
      theirs: put(base, ['autonomousCoordination'], { mode: 'x' }),
      expected: { refused: [{ path: ['autonomousCoordination'], value: { mode: 'x' }, why: owned('autonomousCoordination') }] },
    }));
  test('messages of an instance are not set through the file', () =>
    check({
      theirs: put(base, ['instances', 'a', 'messages'], ['do it']),
      expected: {
        refused: [
          { path: ['instances', 'a', 'messages'], value: ['do it'], why: 'the field messages of an instance belongs to the coordinator' },
        ],
      },
    }));
});

describe('merge: deletions', () => {
  test('a field that we left alone goes', () =>
    check({ theirs: put(base, task, undefined), expected: { edits: [{ path: task, value: undefined }] } }));
  test('a field that we changed stays', () =>
    check({
      ours: put(base, task, 'ours'),
      theirs: put(base, task, undefined),
      expected: { conflicts: [{ path: task, base: 'one', ours: 'ours', theirs: undefined, win: 'ours' }] },
    }));
  test('an instance is not removed', () =>
    check({
      theirs: put(base, ['instances', 'b'], undefined),
      expected: { refused: [{ path: ['instances', 'b'], value: undefined, why: 'an instance is not removed through the file' }] },
    }));
  test('an instance is not replaced by a value', () =>
    check({
      theirs: put(base, ['instances', 'b'], null),
      expected: { refused: [{ path: ['instances', 'b'], value: null, why: 'an instance is a JSON object' }] },
    }));
  test('a required root is missing: nothing at all is deleted, edits are taken', () => {
    const theirs = put(put(put(base, ['handoffProtocol'], undefined), ['notes'], undefined), task, 'two');
    check({
      theirs,
      expected: {
        edits: [{ path: task, value: 'two' }],
        refused: [{ path: ['handoffProtocol'], value: undefined, why: 'handoffProtocol is required: nothing was deleted' }],
      },
    });
  });
  test('without a revision absence is not deletion', () =>
    check({ theirs: { instances: { a: { task: 'two' } } }, deletes: false, expected: { edits: [{ path: task, value: 'two' }] } }));
});

describe('the base of a document', () => {
  test.each([
    [{ revision: 7, storeId: 's' }, 7],
    [{ revision: 7 }, 7],
    [{ revision: 7, storeId: 'other' }, null],
    [{ revision: 99 }, null],
    [{ revision: '7' }, null],
    [{ revision: 7.5 }, null],
    [{ revision: 0 }, null],
    [{}, null],
  ])('%j says %s', (document, expected) => expect(statedRevision(document, 's', 10)).toBe(expected));

  test('else the most similar counts, of equals the newest', () => {
    const revisions = [
      { seq: 3, document: put(put(base, task, 'three'), ['notes', 'text'], 'z') },
      { seq: 2, document: put(base, task, 'two') },
      { seq: 1, document: base },
    ];
    expect(mostSimilar(put(put(base, task, 'two'), ['instances', 'a', 'new'], 1), revisions).seq).toBe(2);
    expect(mostSimilar({}, revisions.slice(1)).seq).toBe(2);
  });
});

describe('an inbox drop', () => {
  const at = (revision: number): JsonObject | null => (revision === 5 ? base : null);
  const drop = (path: Path, value: Json, more: object = {}): Extract<Foreign, { kind: 'set' }> => ({
    kind: 'set',
    id: 'i',
    op: 'set',
    path,
    value,
    by: 'operator',
    ifRevision: null,
    ...more,
  });
  const why = (path: Path, value: Json, more: object = {}, ours: JsonObject = base): string | undefined =>
    mergeSet(drop(path, value, more), ours, 9, at).refused[0]?.why;

  test('sets and adds', () => {
    expect(mergeSet(drop(task, 'two'), base, 9, at).edits).toEqual([{ path: task, value: 'two' }]);
    expect(mergeSet(drop(['n'], 2, { op: 'incr' }), { n: 40 }, 9, at).edits).toEqual([{ path: ['n'], value: 42 }]);
    expect(mergeSet(drop(['n'], 2, { op: 'incr' }), {}, 9, at).edits).toEqual([{ path: ['n'], value: 2 }]);
  });
  test('a whole instance is set field by field, its messages stay', () => {
    const { edits, refused } = mergeSet(drop(['instances', 'a'], { task: 'two', messages: ['mine'] }), base, 9, at);
    expect(edits).toEqual([
      { path: ['instances', 'a', 'status'], value: undefined },
      { path: task, value: 'two' },
      { path: log, value: undefined },
    ]);
    expect(refused).toMatchObject([{ path: ['instances', 'a', 'messages'] }]);
  });
  test.each([
    ['an owned root', ['handoffProtocol', 'currentHandoffPhase'], 'APPROVED', {}, owned('handoffProtocol')],
    ['the revision', ['revision'], 1, {}, owned('revision')],
    ['messages', ['instances', 'a', 'messages'], [], {}, 'the field messages of an instance belongs to the coordinator'],
    ['all instances', ['instances'], {}, {}, 'the instances are not set as a whole: name one'],
    ['an instance as a number', ['instances', 'a'], 1, {}, 'an instance is a JSON object'],
    ['another instance (PROTOCOL §1: it reports for itself)', task, 'x', { by: 'b' }, 'b reports for itself only, not for a'],
    ['adding to a text', task, 1, { op: 'incr' }, 'what is there is no number'],
    ['an unknown revision', task, 'x', { ifRevision: 10 }, 'revision 10 is not known'],
  ] as const)('refuses %s', (_name, path, value, more, expected) => expect(why(path, value as Json, more)).toBe(expected));
  test('if-revision looks at this value only', () => {
    expect(why(task, 'x', { ifRevision: 5 }, put(base, ['notes', 'text'], 'changed'))).toBeUndefined();
    expect(why(task, 'x', { ifRevision: 5 }, put(base, task, 'changed'))).toBe('it was changed after revision 5');
  });
});

describe('limits', () => {
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  test.each([
    ['nothing', '', 'the file is empty'],
    ['half a document', '{"a":', /^no JSON: line 1, column 6: /],
    ['a fault in its third line', '{\n  "a": 1,\n  "b": }\n', /^no JSON: line 3, column 8: /],
    ['a bad byte in its second line', Buffer.from([0x7b, 0x0a, 0xff, 0x7d]), /^no JSON: line 2, column 1: /],
    ['a list', '[]', 'its root is no JSON object'],
    ['instances as a list', '{"instances":[]}', '"instances" is no JSON object'],
    ['5,000 deep', nested(5_000), 'it is nested deeper than 64'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0x7d]), /^no JSON/],
    ['too many fields', `{"a":[${'0,'.repeat(500_000)}0]}`, 'it has more than 500000 fields'],
  ])('%s is refused', (_name, bytes, issue) => {
    expect(parseDocument(Buffer.from(bytes))).toEqual({ issue: typeof issue === 'string' ? issue : expect.stringMatching(issue) });
  });
  test.each([
    ['deep', nested(60_000), 'it is nested deeper than 64'],
    ['wide', `{"a":[${'{},'.repeat(500_001)}0]}`, 'it has more than 500000 fields'],
  ])('a large and %s one is refused before it is parsed', (_name, text, issue) =>
    expect(parseDocument(Buffer.from(`${text}nonsense`))).toEqual({ issue }),
  );
  test('a large one whose texts hold commas, quotes and brackets is allowed', () => {
    const text = '\\"[[{{,,'.repeat(100_000);
    expect(parseDocument(Buffer.from(JSON.stringify({ text })))).toEqual({ document: { text } });
  });
  test('64 levels are allowed, 65 are not', () => {
    expect(parseDocument(Buffer.from(nested(64)))).toHaveProperty('document');
    expect(parseDocument(Buffer.from(nested(65)))).toHaveProperty('issue');
    expect(beyondLimits([[[]]], 62)).not.toBeNull();
  });
});
