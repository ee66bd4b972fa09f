/** The newest commit of each checkout in which somebody works: looked up beside everything else, answered from memory. */
import path from 'node:path';
import { tryGit } from './git.ts';

export type Head = { readonly hash: string; readonly authorAt: number /** Top of the working tree. */; readonly top: string };

export type Heads = {
  /** What is known of this directory now; a look that is older than `everyMs` is renewed for the next time. */
  of(cwd: string): Head | null;
  close(): Promise<void>;
};

export function watchHeads(root: string, everyMs: () => number, steady: () => number): Heads {
  const known = new Map<string, { readonly head: Head | null; readonly at: number }>();
  const looking = new Map<string, Promise<void>>();
  const ending = new AbortController();

  const look = async (cwd: string): Promise<void> => {
    const call = { cwd: path.resolve(root, cwd), signal: ending.signal };
    const top = await tryGit(['rev-parse', '--show-toplevel'], call);
    const log = await tryGit(['log', '-1', '--format=%H %at'], call);
    const [hash, seconds] = log.stdout.toString('utf8').trim().split(' ');
    const found = top.exitCode === 0 && log.exitCode === 0 && hash && Number.isFinite(Number(seconds));
    const head = found ? { hash, authorAt: Number(seconds) * 1000, top: top.stdout.toString('utf8').trim() } : null;
    known.set(cwd, { head, at: steady() });
  };

  return {
    of(cwd) {
      const last = known.get(cwd);
      if ((last === undefined || steady() - last.at >= everyMs()) && !looking.has(cwd) && !ending.signal.aborted) {
        const job = look(cwd)
          .catch(() => {
            // No git, no repository, no commit yet: there is nothing to be seen, and it is asked again later.
            known.set(cwd, { head: null, at: steady() });
          })
          .finally(() => looking.delete(cwd));
        looking.set(cwd, job);
      }
      return last?.head ?? null;
    },
    async close() {
      ending.abort();
      await Promise.all(looking.values());
    },
  };
}
