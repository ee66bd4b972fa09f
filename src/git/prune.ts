/** The room's own objects, and no others: what no tree that is still of use needs goes (PROTOCOL section 8, Retention). */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeRef } from '../core/report.ts';
import { type GitCall, GitTrouble, git, tryGit } from './git.ts';

/** Trees that are being taken are younger than this. */
const SPARED = '1.day.ago';
const KEEP = 'refs/keep/';

/**
 * Everything that `keep` does not reach and that is older than a day is removed from the repository `gitDir`. Rejects with `GitTrouble`,
 * and then nothing was removed: also when one of `keep` is there in part only.
 */
export async function pruneObjects(gitDir: string, keep: readonly TreeRef[], signal?: AbortSignal): Promise<void> {
  const call: GitCall = { cwd: gitDir, env: { GIT_DIR: gitDir }, signal };
  const wanted = [...new Set(keep.map(({ tree }) => tree))].filter((tree) => /^[0-9a-f]{40,64}$/.test(tree));
  const there: string[] = [];
  for (const tree of wanted) {
    // A tree of the user's own that his git has removed is gone for everybody.
    if ((await tryGit(['cat-file', '-e', tree], call)).exitCode !== 0) continue;
    const whole = await tryGit(['rev-list', '--objects', '--quiet', tree], call);
    if (whole.exitCode !== 0) throw new GitTrouble(`objects of ${tree} are missing, so none are removed`);
    there.push(tree);
  }
  await rm(join(gitDir, 'refs', 'keep'), { recursive: true, force: true });
  await rm(join(gitDir, 'packed-refs'), { force: true });
  await git(['update-ref', '--stdin'], { ...call, input: there.map((tree) => `create ${KEEP}${tree} ${tree}\n`).join('') });
  // One thread and little memory: nobody waits for it. Packs as well as single objects of the others' side stay theirs (-l).
  const light = ['-c', 'pack.threads=1', '-c', 'pack.windowMemory=64m', '-c', 'gc.auto=0'];
  await git([...light, 'repack', '-A', '-d', '-l', '-q', `--unpack-unreachable=${SPARED}`], call);
  await git([...light, 'prune', `--expire=${SPARED}`], call);
}

/** How many single objects lie in it: each tree leaves some. */
export async function looseObjects(gitDir: string): Promise<number> {
  let count = 0;
  for (const fan of await readdir(join(gitDir, 'objects')).catch(() => [])) {
    if (/^[0-9a-f]{2}$/.test(fan)) count += (await readdir(join(gitDir, 'objects', fan)).catch(() => [])).length;
  }
  return count;
}
