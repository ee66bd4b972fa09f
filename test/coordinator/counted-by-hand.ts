/**
 * The indicators counted a second time, straight from the journal's lines, by somebody who has only read PROTOCOL section
 * 10: shares nothing with the program but the names of the fields. Line by line, a ledger with a page for each handoff.
 */
import type { KpiId } from '../../src/core/kpi.ts';

type Tree = Record<string, unknown>;
type Line = { kind: string; event?: Tree | null; ops?: [string[], unknown?][]; tree?: Tree };
type Entry = { at: number; move: string; to: string; by: string };

type Page = {
  seen: number;
  readyAt: number | null;
  decided: { at: number; how: 'approved' | 'withdrawn'; took: number } | null;
  denials: number;
  reopened: number[];
  /** The operator was asked about the verdict, or has had a word of his own in it. */
  you: boolean;
  critical: boolean;
  /** Milliseconds in each phase, and since when it is in the last. */
  spent: Record<string, number>;
  phase: { name: string; since: number } | null;
};

export type Ledger = {
  pages: Map<string, Page>;
  /** When nothing was decided without the operator. */
  byHand: [from: number, to: number][];
  /** Rounds that were judged, with what each check said and how long it took. */
  judged: { handoff: string; at: number; tree: string; checks: { check: string; outcome: string; durationMs: number }[] }[];
};

const WORDS_OF_HIS = new Set(['approve', 'deny', 'answer', 'override', 'undo', 'withdraw', 'reassign', 'reopen', 'tick']);

/** @param lines of all segments, in their order */
export function readLedger(lines: readonly string[]): Ledger {
  const ledger: Ledger = { pages: new Map(), byHand: [], judged: [] };
  let tree: Tree = {};
  let byHandSince: number | null = null;
  const rounds = new Set<string>();
  for (const text of lines) {
    const line = JSON.parse(text) as Line;
    if (line.kind === 'snapshot') {
      tree = structuredClone(line.tree ?? {});
      continue;
    }
    for (const [path, ...value] of line.ops ?? []) set(tree, path, value);
    const at = Number(line.event?.at ?? 0);
    const coordinator = tree.coordinator as Tree;
    const { dial, paused } = coordinator.autopilot as { dial: string; paused: boolean };
    const byHand = paused || dial === 'watch' || dial === 'suggest';
    if (byHand) byHandSince ??= at;
    else if (byHandSince !== null) {
      ledger.byHand.push([byHandSince, at]);
      byHandSince = null;
    }
    const touched = new Set(
      (line.ops ?? []).flatMap(([[top, table, id]]) => (top === 'coordinator' && table === 'handoffs' && id ? [id] : [])),
    );
    for (const id of touched) {
      const handoff = (coordinator.handoffs as Record<string, Tree>)[id];
      if (handoff === undefined) continue;
      const page = ledger.pages.get(id) ?? newPage();
      ledger.pages.set(id, page);
      const command = line.event?.type === 'command' ? (line.event.command as Tree) : null;
      const his = (line.event?.by as Tree | undefined)?.kind === 'operator' && WORDS_OF_HIS.has(String(command?.verb));
      if (his && (command?.handoff === id || (handoff.history as Entry[]).at(-1)?.by === 'ann')) page.you = true;
      if ((handoff.question as Tree | null)?.kind === 'verdict') page.you = true;
      for (const round of handoff.rounds as Tree[]) {
        const verdict = round.verdict as { reasons: { rule: string }[] } | null;
        const name = `${id} ${round.epoch}`;
        if (verdict === null || rounds.has(name)) continue;
        rounds.add(name);
        if (verdict.reasons.some(({ rule }) => rule === 'critical-violation')) page.critical = true;
        const checks = round.checks as Ledger['judged'][number]['checks'];
        ledger.judged.push({ handoff: id, at: Number(round.finishedAt), tree: (round.judged as { tree: string }).tree, checks });
      }
      const history = handoff.history as Entry[];
      for (const entry of history.slice(page.seen)) turn(page, entry);
      page.seen = history.length;
    }
  }
  if (byHandSince !== null) ledger.byHand.push([byHandSince, Number.MAX_SAFE_INTEGER]);
  return ledger;
}

function newPage(): Page {
  return { seen: 0, readyAt: null, decided: null, denials: 0, reopened: [], you: false, critical: false, spent: {}, phase: null };
}

/** The one thing that a handoff's history says, entry by entry: whether it stands decided, and since when it was ready for that. */
function turn(page: Page, { at, move, to }: Entry): void {
  if (page.phase !== null) page.spent[page.phase.name] = (page.spent[page.phase.name] ?? 0) + at - page.phase.since;
  page.phase = to === 'CLOSED' ? null : { name: to, since: at };
  if (move === 'reassign' || move === 'reopen') {
    page.readyAt = null;
    page.decided = null;
  }
  if (move === 'reopen') page.reopened.push(at);
  if (to === 'HANDOFF_READY') page.readyAt ??= at;
  if (move === 'deny') page.denials++;
  if (move === 'approve') page.decided = { at, how: 'approved', took: at - (page.readyAt ?? at) };
  if (move === 'withdraw' && page.readyAt !== null && page.decided === null) page.decided = { at, how: 'withdrawn', took: 0 };
}

function set(tree: Tree, path: readonly string[], value: readonly unknown[]): void {
  let here = tree;
  for (const key of path.slice(0, -1)) {
    here[key] ??= {};
    here = here[key] as Tree;
  }
  const last = path.at(-1) ?? '';
  if (value.length === 0) delete here[last];
  else here[last] = structuredClone(value[0]);
}

export type Count = {
  counted: Record<KpiId, { value: number | null; cases: string[] }>;
  /** Of each approved handoff, without what passed by hand. */
  times: Record<string, number>;
};

/** The number and the handoffs behind it, for a window that ends now. */
export function countByHand({ pages, byHand }: Ledger, days: number, now: number): Count {
  const from = now - days * 24 * 60 * 60 * 1000;
  const rows: { id: string; page: Page; took: number; approved: boolean }[] = [];
  const taken: string[] = [];
  for (const [id, page] of pages) {
    if (page.reopened.some((at) => at >= from && at <= now)) taken.push(id);
    const { decided } = page;
    if (decided === null || decided.at < from || decided.at > now) continue;
    if (byHand.some(([a, b]) => a <= decided.at && decided.at < b)) continue;
    let took = decided.took;
    const begun = decided.at - decided.took;
    for (const [a, b] of byHand) took -= Math.max(0, Math.min(b, decided.at) - Math.max(a, begun));
    rows.push({ id, page, took, approved: decided.how === 'approved' });
  }
  const approved = rows.filter((row) => row.approved);
  const share = (of: typeof rows, counts: (row: (typeof rows)[number]) => boolean) => {
    const cases = of.filter(counts).map(({ id }) => id);
    return { value: of.length === 0 ? null : (100 * cases.length) / of.length, cases: cases.sort() };
  };
  const sorted = approved.map(({ took }) => took).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const whole = new Set([...approved.map(({ id }) => id), ...taken]).size;
  const counted: Count['counted'] = {
    'cycle-time': {
      value:
        sorted.length === 0
          ? null
          : sorted.length % 2 === 1
            ? (sorted[middle] ?? 0)
            : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2,
      cases: approved.map(({ id }) => id).sort(),
    },
    'auto-approval': share(rows, ({ approved: yes, page }) => yes && !page.you),
    'integration-failure': share(rows, ({ page }) => page.critical),
    intervention: share(rows, ({ page }) => page.you),
    'first-pass': share(approved, ({ page }) => page.denials === 0),
    denial: share(rows, ({ page }) => page.denials > 0),
    'post-approval-failure': { value: whole === 0 ? null : (100 * taken.length) / whole, cases: taken.sort() },
  };
  return { counted, times: Object.fromEntries(approved.map(({ id, took }) => [id, took])) };
}
