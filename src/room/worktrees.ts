/** Those who work in a worktree of their own: it is there before anything is started or judged in it. */
import type { Config } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import type { TreeRef } from '../core/report.ts';
import { GitTrouble } from '../git/git.ts';
import type { Trees } from '../git/trees.ts';
import { ensureWorktree, type OwnWorktree } from '../git/worktrees.ts';

export type Worktrees = {
  /** Makes what is missing; a sentence when this instance cannot work, null when it can. */
  ready(instance: InstanceId): Promise<string | null>;
  /** What an assignment to this instance begins from (null: the workspace's own tree); null when it cannot be known. */
  ground(instance: InstanceId | null): Promise<TreeRef | null>;
  /** For all that this config gives a worktree. */
  grounds(config: Config): Promise<Record<InstanceId, TreeRef | null>>;
};

/** @param acting what is asked at each use */
export function openWorktrees(root: string, acting: Config, trees: Trees, log: (line: string) => void): Worktrees {
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other: git's list of worktrees is one for all of them. */
  const ensure = (place: OwnWorktree): Promise<string | null> => {
    const mine = turn.then(() => ensureWorktree(root, place)).then(() => null, sentence);
    turn = mine.catch(() => undefined); // the caller of `mine` hears it; the next in line starts afresh
    return mine;
  };

  const taken = (tree: Promise<TreeRef | null>) =>
    tree.catch((error: unknown) => {
      log(`the tree could not be taken: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    });

  const groundAt = async (place: OwnWorktree | null): Promise<TreeRef | null> => {
    if (place === null) return taken(trees.snapshot('.'));
    // The session says it where it is seen.
    if ((await ensure(place)) !== null) return null;
    return taken(trees.ground(place.directory).then((found) => found ?? trees.snapshot(place.directory)));
  };

  return {
    ready: async (instance) => {
      const place = placeIn(acting, instance);
      return place === null ? null : ensure(place);
    },
    ground: (instance) => groundAt(instance === null ? null : placeIn(acting, instance)),
    async grounds(config) {
      const apart = config.instances.filter(({ worktree }) => worktree !== undefined);
      return Object.fromEntries(await Promise.all(apart.map(async ({ id }) => [id, await groundAt(placeIn(config, id))] as const)));
    },
  };
}

function placeIn({ instances }: Config, instance: InstanceId): OwnWorktree | null {
  const found = instances.find(({ id }) => id === instance);
  return found?.worktree === undefined ? null : { directory: found.cwd, branch: found.worktree };
}

function sentence(error: unknown): string {
  if (error instanceof GitTrouble || (error as NodeJS.ErrnoException).code !== undefined) return (error as Error).message;
  throw error;
}
