/** Where the merge of an approved handoff stands, asked of the handoff alone. */
import type { InstanceId } from './ids.ts';
import type { TreeRef } from './report.ts';
import type { Handoff, State } from './state.ts';

/** The approved work is not passed on, and the handoff not completed, before this has come to an end. */
export function isUnmerged({ integration }: Handoff): boolean {
  return integration != null && integration.state !== 'merged' && integration.state !== 'left';
}

/** It takes up a run of the suite. */
export function isMerging({ integration, phase, closedAt }: Handoff): boolean {
  return closedAt === null && phase === 'APPROVED' && integration?.state === 'merging';
}

/** For the one who goes on with it; null: it has not been merged by coordtui. */
export function mergedWords({ integration, from }: Handoff, into: InstanceId, judged: TreeRef | null): string | null {
  if (integration?.state !== 'merged' || judged === null) return null;
  return `The work of ${from} is in the branch \`${integration.branch}\` as ${integration.commit}, merged and verified by coordtui; ${into} gets it by \`git merge ${integration.branch}\`. Nothing was pushed.`;
}

/** Where the merge of an approved handoff stands, in a clause; null: nothing is to be said. */
export function mergeClause({ integration }: Handoff): string | null {
  if (!integration) return null;
  const { branch, state, commit, attempts } = integration;
  switch (state) {
    case 'waiting':
      return `waits to be merged into ${branch}${attempts > 0 ? `, again, since ${branch} has moved` : ''}`;
    case 'merging':
      return `is being merged into ${branch} and verified there`;
    case 'moving':
      return `was verified on ${branch}, which is being moved to ${commit}`;
    case 'merged':
      return `is in ${branch} as ${commit}`;
    case 'stopped':
      return `is not in ${branch}`;
    case 'left':
      return `is left unmerged: ${branch} does not have it`;
  }
}

/** For `explain`. The branch of the config is for work that is done apart: what lies in the workspace's own checkout is there already. */
export function mergeLines({ coordinator }: State, handoff: Handoff): string[] {
  if (handoff.integration) return [`the approved work ${mergeClause(handoff)}`];
  const { integration, instances } = coordinator.config;
  if (integration === undefined || instances.some(({ id, worktree }) => id === handoff.from && worktree !== undefined)) return [];
  return [`${handoff.from} has no worktree of its own, so its work does not go into ${integration.branch} (integration.branch)`];
}
