/** Approved work on its way into the branch that gathers it: merged in the room's own objects, verified in a copy, then moved. */
import { join } from 'node:path';
import type { Config } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import type { Merging } from '../core/integration.ts';
import type { Integrator, RunningSuite, Verifier } from '../core/ports.ts';
import type { Trees } from '../git/trees.ts';

export type IntegratorOptions = {
  readonly root: string;
  readonly config: Config;
  readonly trees: Trees;
  /** The one of the rounds: a merge is verified as a handoff is. */
  readonly verifier: Verifier;
};

export function createIntegrator({ root, config, trees, verifier }: IntegratorOptions): Integrator {
  const cwdOf = (instance: InstanceId) => config.instances.find(({ id }) => id === instance)?.cwd ?? '.';

  /** Where instances work; undefined: no checkout may be moved along. */
  const spared = () =>
    config.integration?.checkout === 'follow'
      ? config.instances.filter(({ command }) => command !== null).map(({ cwd }) => join(root, cwd))
      : undefined;

  return {
    run({ handoff, epoch, instance, branch, judged, words, checks }, listener) {
      const cancelling = new AbortController();
      let suite: RunningSuite | null = null;
      const merge = async (): Promise<Merging> => {
        const made = await trees.candidate(cwdOf(instance), judged, branch, words, cancelling.signal);
        if (made.kind === 'there') await trees.forgetMerge(cwdOf(instance), handoff);
        if (made.kind !== 'candidate') return made;
        const { now, before } = made;
        suite = verifier.run({ handoff, epoch, instance, base: before, tree: now, checks, fresh: false }, listener);
        if (cancelling.signal.aborted) suite.cancel();
        return { kind: 'judged', commit: now.commit, onto: before.commit, report: await suite.done };
      };
      return {
        done: merge().catch((error: unknown) => ({
          kind: 'trouble' as const,
          why: cancelling.signal.aborted ? 'it was cancelled' : sentence(error),
        })),
        cancel() {
          cancelling.abort();
          suite?.cancel();
        },
      };
    },
    move: ({ instance, handoff, branch, commit, onto, at }) =>
      trees
        .moveBranch(cwdOf(instance), { handoff, branch, commit, onto, at, follow: spared() })
        .catch((error: unknown) => ({ kind: 'trouble' as const, why: sentence(error) })),
  };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
