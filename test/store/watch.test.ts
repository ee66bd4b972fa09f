import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchFolders } from '../../src/store/watch.ts';
import { until } from '../support/until.ts';
import { scratch } from './support.ts';

test('looks when something changes, also in a folder that was replaced, and never after it is closed', async () => {
  const folder = join(scratch(), 'folder');
  mkdirSync(folder);
  let looks = 0;
  const watch = watchFolders([folder], () => looks++);
  onTestFinished(watch.close);
  writeFileSync(join(folder, 'x'), '');
  await until('a look', () => looks > 0);
  renameSync(folder, `${folder}-old`);
  mkdirSync(folder);
  const before = looks;
  writeFileSync(join(folder, 'y'), '');
  await until('another look', () => looks > before);
  watch.close();
  watch.hurry();
  const last = looks;
  writeFileSync(join(folder, 'z'), '');
  await until('the system has told everybody', () => fileWasSeenByAnother(folder));
  expect(looks).toBe(last);
});

/** A second watch on the same folder hears of new files: what it heard, the first would have heard too. */
function fileWasSeenByAnother(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const other = watchFolders([folder], () => {
      other.close();
      resolve(true);
    });
    writeFileSync(join(folder, 'seen'), String(performance.now()));
  });
}
