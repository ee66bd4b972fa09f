/** Documents that a screen opens: why, diff, evidence. Foreign text is made plain; the only sequences in it are ours. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { counted } from '../core/counted.ts';
import { explainHandoff, explainVerdict } from '../core/explain.ts';
import { forecastLines } from '../core/forecast.ts';
import { healthTexts } from '../core/health-lines.ts';
import { parseHandoffId } from '../core/ids.ts';
import { newConfigLines } from '../core/new-config.ts';
import { outcomeLine } from '../core/outcome-line.ts';
import { plain, plainLines } from '../core/plain.ts';
import type { ChangedFile } from '../core/report.ts';
import type { Handoff } from '../core/state.ts';
import { duration, isoTime } from '../core/time.ts';
import type { Trees } from '../git/trees.ts';
import type { Bundle, BundledCheck } from '../verify/evidence.ts';
import { healthLook, inPlainWords, shortName } from '../view/words.ts';
import type { Forecasts } from './forecast.ts';
import type { Past } from './past.ts';
import { pastText } from './past-texts.ts';

export type TextsOptions = {
  readonly workspace: string;
  readonly coordinator: Coordinator;
  readonly trees: Trees;
  readonly forecasts: Pick<Forecasts, 'of'>;
  readonly past: Pick<Past, 'timeline' | 'seen'>;
  readonly now: () => number;
};

const MAX_PATCH_BYTES = 2 * 1024 * 1024;
const FILES_LISTED = 500;
const PATCH_LINES = 20_000;
const LOG_LINES = 60;
const LOG_BYTES = 64 * 1024;
const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const GREEN = '\x1b[32m';
const RED = '\x1b[31m';
const CYAN = '\x1b[36m';
const END = '\x1b[0m';

export function createTexts({
  workspace,
  coordinator,
  trees,
  forecasts,
  past,
  now,
}: TextsOptions): (what: string, handoff: string) => Promise<string> {
  const diff = async (handoff: Handoff): Promise<string> => {
    const config = coordinator.state().coordinator.config.instances.find(({ id }) => id === handoff.from);
    const tree = handoff.rounds.at(-1)?.judged ?? (await trees.snapshot(config?.cwd ?? '.'));
    const [changed, patch] = [
      await trees.changes(handoff.base, tree),
      await trees.patch(handoff.base, tree, { maxBytes: MAX_PATCH_BYTES }),
    ];
    if (changed.length === 0) return 'nothing has changed';
    return [...fileLines(changed), '', ...patchLines(handoff, patch)].join('\n');
  };

  const evidence = async (handoff: Handoff): Promise<string> => {
    const round = handoff.rounds.findLast((one) => one.evidence !== null);
    const sealed = round?.evidence;
    if (sealed == null) return 'no round has been sealed yet';
    if (sealed.removedAt !== undefined)
      return [
        `round ${round?.epoch} of ${handoff.id}: its evidence was let go on ${isoTime(sealed.removedAt).slice(0, 10)}, by the caps on age and size`,
        ...(round?.verdict == null ? [] : ['', ...explainVerdict(round.verdict).map(inPlainWords)]),
      ].join('\n');
    const folder = join(workspace, sealed.path);
    const bundle = JSON.parse(await readFile(join(folder, 'bundle.json'), 'utf8')) as Bundle;
    const head = [
      `${BOLD}round ${bundle.epoch} of ${bundle.handoff}${END}, sealed as ${sealed.path}`,
      `${DIM}begun ${isoTime(bundle.startedAt)}, took ${duration(bundle.finishedAt - bundle.startedAt)}; sha256 ${sealed.sha256}${END}`,
      `${DIM}judged: commit ${bundle.judged?.commit ?? 'none'}, tree ${bundle.judged?.tree ?? 'none'}; ${counted(bundle.changed.length, 'changed file')}${END}`,
      `${DIM}base: commit ${bundle.base?.commit ?? 'none'}, tree ${bundle.base?.tree ?? 'none'}; with ${bundle.tools.git}, node ${bundle.tools.node}, ${bundle.platform}${END}`,
      `${DIM}to hold it against the same tree again: coordtui verify --handoff ${handoff.id} --again${END}`,
      ...(sealed.verdictSha256 === undefined ? [] : [`${DIM}the verdict below is sealed beside it; sha256 ${sealed.verdictSha256}${END}`]),
      ...(round?.verdict == null ? [] : ['', ...explainVerdict(round.verdict).map(inPlainWords)]),
    ];
    const checks = await Promise.all(bundle.checks.map((check) => checkText(folder, check)));
    return [...head, ...checks].join('\n');
  };

  const health = (): string =>
    healthTexts(coordinator.state(), now(), coordinator.awake())
      .map(({ id, check, lines }) => {
        const { sign, word, style } = healthLook(check);
        const colour = style === 'bad' ? RED : style === 'good' ? GREEN : CYAN;
        return [
          `${BOLD}${shortName(id)}${END}  ${colour}${sign} ${word}${END}  ${check.why}`,
          ...lines.map((line) => `  ${plain(line, 300)}`),
        ].join('\n');
      })
      .join('\n\n');

  return async (what, id) => {
    if (what === 'health') return health();
    if (what === 'config') return newConfigLines(coordinator.state().coordinator).join('\n');
    const room = pastText(what, coordinator.state(), past, now(), id);
    if (room !== null) return room;
    const known = parseHandoffId(id);
    const state = known === null ? coordinator.state() : await coordinator.stateWith(known);
    const handoff = known === null ? undefined : state.coordinator.handoffs[known];
    if (handoff === undefined) return `there is no handoff ${plain(id, 40)}`;
    try {
      if (what === 'diff') return await diff(handoff);
      if (what === 'evidence') return await evidence(handoff);
      const told = explainHandoff(state, handoff.id, now());
      const ahead = forecasts.of(handoff);
      const seen = ahead === null ? [] : forecastLines(ahead, now());
      return [`${BOLD}${inPlainWords(told.sentence)}${END}`, '', ...seen.map(inPlainWords), ...told.evidence.map(inPlainWords)].join('\n');
    } catch (error) {
      return `this cannot be shown: ${error instanceof Error ? plain(error.message, 400) : String(error)}`;
    }
  };
}

/** Not more than a reader can go back to: what is cut off must not be its beginning. */
function patchLines({ id }: Handoff, patch: string): string[] {
  const lines = plainLines(patch).split('\n');
  const rest = lines.length - PATCH_LINES;
  const shown = lines.slice(0, PATCH_LINES).map(coloured);
  return rest > 0 ? [...shown, `${DIM}and ${counted(rest, 'more line')}; all of it: coordtui diff ${id}${END}`] : shown;
}

/** First all files, with what came and went; the whole of it stands below. */
function fileLines(changed: readonly ChangedFile[]): string[] {
  const sum = (of: 'added' | 'removed') => changed.reduce((all, file) => all + file[of], 0);
  const shown = changed.slice(0, FILES_LISTED).map(({ path, status, added, removed }) => {
    const lines = added + removed === 0 ? `${DIM}no lines${END}` : `${GREEN}+${added}${END} ${RED}−${removed}${END}`;
    return `  ${status.padEnd(9)} ${plain(path, 300)}  ${lines}`;
  });
  const more = changed.length > FILES_LISTED ? [`  and ${changed.length - FILES_LISTED} more`] : [];
  return [
    `${BOLD}${counted(changed.length, 'file')}${END}  ${GREEN}+${sum('added')}${END} ${RED}−${sum('removed')}${END}`,
    ...shown,
    ...more,
  ];
}

function coloured(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('diff ')) return `${BOLD}${line}${END}`;
  if (line.startsWith('+')) return `${GREEN}${line}${END}`;
  if (line.startsWith('-')) return `${RED}${line}${END}`;
  return line.startsWith('@@') ? `${CYAN}${line}${END}` : line;
}

async function checkText(folder: string, check: BundledCheck): Promise<string> {
  const sign = check.outcome === 'passed' ? `${GREEN}✓` : check.outcome === 'skipped' ? `${DIM}–` : `${RED}✗`;
  const lines = [
    '',
    `${sign} ${outcomeLine(check)}${END}`,
    `${DIM}$ ${plain(check.command, 400)}${END}`,
    ...check.violations.map(
      (one) =>
        `  ${one.severity} ${plain(one.file ?? '', 200)}${one.line === undefined ? '' : `:${one.line}`} ${plain(one.description, 400)}`,
    ),
  ];
  const base = check.onBase?.log ?? null;
  const onBase = base === null ? [] : [`${DIM}on the base:${END}`, ...(await logTail(folder, base))];
  return [...lines, ...(check.log === null ? [] : await logTail(folder, check.log)), ...onBase].join('\n');
}

async function logTail(folder: string, log: string): Promise<string[]> {
  const text = (await readFile(join(folder, log))).subarray(-LOG_BYTES).toString('utf8');
  const tail = plainLines(text).trimEnd().split('\n').slice(-LOG_LINES);
  return tail.map((line) => `${DIM}│${END} ${line}`);
}
