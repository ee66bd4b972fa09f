/** PROTOCOL §8, Retention, on the disk: what is listed, what a removal takes with it, and the verdict sealed beside its round (§4). */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HandoffId } from '../../src/core/ids.ts';
import { sealVerdict, verifyBundle } from '../../src/verify/evidence.ts';
import { listBundles, removeBundle, treesOf } from '../../src/verify/kept.ts';
import { makeProject, type Project } from '../git/project.ts';
import { check, openRounds, type Rounds } from './round.ts';

let project: Project;
let rounds: Rounds;

beforeEach(() => {
  project = makeProject();
  project.write('a.txt', 'a\n');
  project.commit();
  rounds = openRounds(project);
});
afterEach(() => project.dispose());

async function sealed() {
  const { evidence, judged } = await rounds.run([check('good', 'echo fine')]);
  if (evidence === null) throw new Error('the round was not sealed');
  return { ...evidence, judged, directory: join(project.root, evidence.path) };
}

test('a sealed round is listed with its size and its trees; what is still being made is not', async () => {
  const { path, directory, judged } = await sealed();
  mkdirSync(join(rounds.evidenceDir, 'h-1234', `7-${Date.now()}`), { recursive: true });
  const listed = await listBundles(project.root, rounds.evidenceDir, Date.now());
  expect(listed).toEqual([{ path, of: expect.stringMatching(/^h-/), at: expect.any(Number), bytes: expect.any(Number) }]);
  const size = ['bundle.json', 'good.log'].reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  expect(listed[0]?.bytes).toBe(size);
  expect(await treesOf(directory)).toContainEqual(judged);
});

test('what a killed room left unsealed is listed once nobody can still be at it', async () => {
  const long = Date.now() - 3 * 86_400_000;
  mkdirSync(join(rounds.evidenceDir, 'h-1234', `7-${long}`), { recursive: true });
  expect(await listBundles(project.root, rounds.evidenceDir, Date.now())).toMatchObject([{ of: 'h-1234', at: long, bytes: 0 }]);
});

test('a bundle is removed whole; a path that is none is refused and nothing goes', async () => {
  const { path, directory } = await sealed();
  const outside = join(dirname(rounds.evidenceDir), 'precious', '1-1');
  mkdirSync(outside, { recursive: true });
  for (const wrong of ['status', `${path}/..`, 'status/.coordtui/evidence/../precious/1-1', '/etc', `${dirname(path)}`])
    await expect(removeBundle(project.root, rounds.evidenceDir, wrong)).rejects.toThrow('is no bundle');
  expect(existsSync(outside) && existsSync(directory)).toBe(true);
  await removeBundle(project.root, rounds.evidenceDir, path);
  expect(existsSync(directory)).toBe(false);
  await removeBundle(project.root, rounds.evidenceDir, path);
});

test('PROTOCOL §4: the verdict lies sealed beside the round, names its bundle, and is hashed again with it', async () => {
  const { directory, sha256 } = await sealed();
  const verdict = { kind: 'approve', row: 12, reasons: [{ row: 12, rule: 'all-passed' }] } as const;
  const hash = await sealVerdict(directory, { handoff: 'h-3f2a' as HandoffId, epoch: 1, bundleSha256: sha256, verdict });
  const path = join(directory, 'verdict.json');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ bundleSha256: sha256, verdict });
  expect(statSync(path).mode & 0o222).toBe(0);
  expect(await verifyBundle(directory, sha256, hash)).toEqual([]);
  expect(await verifyBundle(directory, sha256)).toEqual([]);
  expect(await verifyBundle(directory, sha256, 'another')).toEqual(['verdict.json is not what was sealed']);
});

test('what goes while it is listed is not listed, and nothing is made of it', async () => {
  const { path } = await sealed();
  const [listed] = await Promise.all([
    listBundles(project.root, rounds.evidenceDir, Date.now()),
    removeBundle(project.root, rounds.evidenceDir, path),
  ]);
  expect([[], [path]]).toContainEqual(listed.map((one) => one.path));
});

test('a verdict that is just being sealed, or was when the room was killed, is no damage, and is sealed the next time', async () => {
  const { directory, sha256 } = await sealed();
  writeFileSync(join(directory, 'verdict.json.next'), '{"bundleSha');
  expect(await verifyBundle(directory, sha256)).toEqual([]);
  const verdict = { kind: 'approve', row: 12, reasons: [{ row: 12, rule: 'all-passed' }] } as const;
  const hash = await sealVerdict(directory, { handoff: 'h-3f2a' as HandoffId, epoch: 1, bundleSha256: sha256, verdict });
  expect(await verifyBundle(directory, sha256, hash)).toEqual([]);
  expect(existsSync(join(directory, 'verdict.json.next'))).toBe(false);
});

test('a verdict that somebody else laid there, or took away, is no agreement', async () => {
  const { directory, sha256 } = await sealed();
  expect(await verifyBundle(directory, sha256, 'listed')).toEqual(['verdict.json is missing']);
  writeFileSync(join(directory, 'verdict.json'), '{"bundleSha256":"0000"}');
  expect(await verifyBundle(directory, sha256)).toEqual(['verdict.json is about another bundle']);
});
