/** PROTOCOL §4: sealed evidence is run once more over the tree that was judged, and says whether it agrees and where not. */
import { appendFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failure } from '../../src/core/reply.ts';
import type { CheckSpec, TreeRef } from '../../src/core/report.ts';
import { runAgain } from '../../src/room/again.ts';
import { toolVersions } from '../../src/verify/evidence.ts';
import { createVerifier } from '../../src/verify/suite.ts';
import { aRound, handoff } from '../core/state-fixture.ts';
import { makeProject, type Project } from '../git/project.ts';
import { check, openRounds, type Rounds } from '../verify/round.ts';

let project: Project;
let rounds: Rounds;
let base: TreeRef;

beforeEach(async () => {
  project = makeProject();
  project.write('a.txt', 'good\n');
  project.write('.gitignore', 'out/\n');
  project.write('out/mood', '0');
  project.commit();
  rounds = openRounds(project);
  base = await rounds.trees.snapshot(project.root);
});
afterEach(() => project.dispose());

async function seal(checks: readonly CheckSpec[]) {
  const report = await rounds.run(checks, base);
  return handoff({ rounds: [aRound({ epoch: 1, end: 'judged', judged: report.judged, evidence: report.evidence })] });
}

async function again(sealed: Awaited<ReturnType<typeof seal>>, env = process.env) {
  const { trees } = rounds;
  const options = {
    root: project.root,
    cwdOf: () => project.root,
    trees,
    evidenceDir: join(rounds.evidenceDir, 'trials'),
    parallelism: 1,
    ignore: [],
    env,
  };
  const verifier = createVerifier(options);
  const listener = { started() {}, output() {}, finished() {} };
  return runAgain({
    workspace: project.root,
    handoff: sealed,
    tools: toolVersions,
    run: (request) => verifier.run({ handoff: sealed.id, epoch: 0, ...request }, listener).done,
  });
}

const GOOD = 'grep -q good a.txt';

test('it agrees, also when the workspace has gone on since, and nothing of it is touched', async () => {
  project.write('b.txt', 'new\n');
  const sealed = await seal([check('good', GOOD), check('new', 'cat b.txt'), check('bad', 'exit 1')]);
  project.write('a.txt', 'bad\n');
  const before = await rounds.trees.snapshot(project.root);
  expect(await again(sealed)).toMatchObject({ ok: true, text: expect.stringContaining('agrees: 3 checks over the same tree') });
  expect(await rounds.trees.snapshot(project.root)).toEqual(before);
});

test('it does not agree, and says where', async () => {
  const sealed = await seal([check('good', GOOD), check('moody', 'exit "${MOOD:-0}"')]);
  const reply = await again(sealed, { ...process.env, MOOD: '3' });
  expect(reply).toEqual(
    failure(
      'no',
      expect.stringMatching(/does not agree: moody: passed then, (failed|failed-on-base) now \(exit 3.*\)$/),
      expect.any(String),
    ),
  );
});

test('evidence that was touched is not believed, nor run', async () => {
  const sealed = await seal([check('good', `${GOOD}; echo ran >> ${project.root}/out/ran`)]);
  const log = join(project.root, sealed.rounds[0]?.evidence?.path ?? '', 'good.log');
  chmodSync(log, 0o600);
  appendFileSync(log, 'x');
  expect(await again(sealed)).toMatchObject({ ok: false, message: expect.stringContaining('is no longer what was sealed') });
});

test('nothing sealed, nothing to run', async () => {
  expect(await again(handoff())).toMatchObject({ ok: false, code: 'refused' });
});

test('PROTOCOL §8: evidence that was let go is said to be gone, not to be damaged', async () => {
  const removed = { path: 'status/.coordtui/evidence/h-3f2a/1-1', sha256: 'x', removedAt: Date.UTC(2026, 4, 1) };
  const gone = handoff({ rounds: [aRound({ epoch: 1, end: 'judged', judged: base, evidence: removed })] });
  expect(await again(gone)).toMatchObject({ ok: false, message: expect.stringContaining('it was let go on 2026-05-01') });
});
