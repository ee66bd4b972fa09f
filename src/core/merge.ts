/** The way of approved work into another checkout (PROTOCOL section 5): coordtui looks, and merges and pushes nothing. */
import type { HandoffId } from './ids.ts';
import { plain } from './plain.ts';
import { ask, OPTIONS } from './question.ts';
import type { Handoff } from './state.ts';
import { handoffOf, type Work } from './work.ts';

const FILES_NAMED = 5;

/** The delegation of `approved` lies at `path`: the way of the work is written into it when one of the two works apart. */
export function showWay(work: Work, approved: Handoff, path: string | null): void {
  const judged = approved.rounds.at(-1)?.judged;
  const { instances } = work.coordinator.config;
  const apart = instances.some(({ id, worktree }) => worktree !== undefined && (id === approved.from || id === approved.to));
  const at = work.effects.findIndex((effect) => effect.type === 'document.write' && effect.path === path);
  const written = work.effects[at];
  if (!apart || !judged || written?.type !== 'document.write') return;
  work.effects[at] = { ...written, merge: { handoff: approved.id, from: approved.from, into: approved.to, judged } };
}

/** A card, asked once: the handoff does not complete before the operator has seen it. */
export function foundConflict(work: Work, id: HandoffId, files: readonly string[]): void {
  const handoff = handoffOf(work, id);
  if (handoff === undefined || handoff.closedAt !== null || handoff.phase !== 'APPROVED' || handoff.question !== null) return;
  const named = files.slice(0, FILES_NAMED).map((path) => plain(path, 120));
  const more = files.length > FILES_NAMED ? ` and ${files.length - FILES_NAMED} more` : '';
  ask(work, handoff, {
    kind: 'conflict',
    context: `the approved work of ${handoff.from} does not merge into ${handoff.to}'s: ${named.join(', ')}${more}`,
    reasons: [],
    options: [
      { key: 'wait', label: 'let it go on', consequence: `${handoff.to} merges it and resolves the conflict` },
      OPTIONS.reassign,
      OPTIONS.withdraw,
    ],
    recommendation: { key: 'wait', why: `the delegation of ${handoff.to} names the commit, the command and the files` },
  });
}
