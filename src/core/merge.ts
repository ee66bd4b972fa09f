/** The way of approved work into another checkout (PROTOCOL section 5), where coordtui only looks, and merges and pushes nothing. */
import type { HandoffId } from './ids.ts';
import { isUnmerged, mergedWords } from './merge-clause.ts';
import { plain } from './plain.ts';
import { ask, OPTIONS } from './question.ts';
import type { Handoff } from './state.ts';
import { alert, handoffOf, putHandoff, type Work } from './work.ts';

const FILES_NAMED = 5;

function worksApart(work: Work, handoff: Handoff): boolean {
  const { instances } = work.coordinator.config;
  return instances.some(({ id, worktree }) => worktree !== undefined && (id === handoff.from || id === handoff.to));
}

/** The delegation of `approved` lies at `path`: the way of the work is written into it when one of the two works apart. */
export function showWay(work: Work, approved: Handoff, path: string | null): void {
  const judged = approved.rounds.at(-1)?.judged;
  const at = work.effects.findIndex((effect) => effect.type === 'document.write' && effect.path === path);
  const written = work.effects[at];
  if (!worksApart(work, approved) || !judged || written?.type !== 'document.write') return;
  const merged = mergedWords(approved, approved.to, judged);
  work.effects[at] =
    merged === null
      ? { ...written, merge: { handoff: approved.id, from: approved.from, into: approved.to, judged } }
      : { ...written, values: { ...written.values, MERGE: merged } };
}

/** The coordinator gets no delegation that could say it, and nobody merges for it: the handoff itself says how the work is merged. */
export function lookForWay(work: Work, approved: Handoff): void {
  const judged = approved.rounds.at(-1)?.judged;
  if (approved.to !== approved.verifier || !worksApart(work, approved) || !judged || isUnmerged(approved)) return;
  work.effects.push({ type: 'merge.look', handoff: approved.id, from: approved.from, into: approved.to, judged });
}

/** Kept with the handoff. A conflict is a card, asked once: the handoff does not complete before the operator has seen it. */
export function waySeen(work: Work, id: HandoffId, way: string, files: readonly string[]): void {
  const known = handoffOf(work, id);
  if (known === undefined) return;
  const handoff = putHandoff(work, { ...known, way });
  const isOpen = handoff.closedAt === null && handoff.phase === 'APPROVED';
  if (handoff.to === handoff.verifier)
    alert(work, { level: files.length > 0 ? 'warning' : 'info', text: `${id}: ${plain(way, 400)}`, handoff: id });
  if (!isOpen || handoff.question !== null || files.length === 0) return;
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
