/**
 * The card: one handoff that waits for the operator's word, with everything that he needs to give it. In little
 * room it keeps what is asked, the ways out and the advice; `Space` opens it whole.
 */
import { sentence } from '../../core/explain.ts';
import { outlook } from '../../core/forecast.ts';
import { plain } from '../../core/plain.ts';
import type { Handoff, Option, Question } from '../../core/state.ts';
import { widthOf } from '../../core/width.ts';
import type { Rect } from '../layout.ts';
import { checksOf, lastRound, type Model } from '../model.ts';
import type { Panel } from '../panel.ts';
import { clock, fitRow, type Row, span, wrap } from '../row.ts';
import type { Ui } from '../ui-state.ts';
import { checkLook, handoffLook, inPlainWords, NEEDS_YOU, nameIn } from '../words.ts';

/** The key that takes an option at once; the others are marked and chosen. */
const OPTION_KEYS: ReadonlyMap<string, string> = new Map([
  ['approve', 'a'],
  ['deny', 'd'],
  ['again', 'V'],
  ['answer', 'e'],
]);

const COUNTDOWN_OPTIONS: readonly Option[] = [
  { key: 'approve', label: 'approve', consequence: '' },
  { key: 'deny', label: 'deny', consequence: '' },
  { key: 'hold', label: 'stop the countdown', consequence: 'nothing is decided until you say so' },
];

const UNDO_OPTIONS: readonly Option[] = [{ key: 'undo', label: 'take it back', consequence: 'nothing of it has left the room yet' }];

/** From this height on nothing needs to be cut for want of a row. */
const ROOMY_ROWS = 12;
const LABEL_CELLS = 9;

type Names = { readonly from: string; readonly to: string };

/** What comes of an option, with the names that it concerns; the core's words for what is not here. */
const CONSEQUENCES: ReadonlyMap<string, (names: Names) => string> = new Map([
  ['approve', ({ to }: Names) => `the work goes on to ${to}`],
  ['deny', ({ from }: Names) => `${from} gets the reasons and fixes the work`],
  ['again', () => 'a new round; nothing is decided yet'],
  ['answer', ({ from }: Names) => `${from} gets your text; what is still open stays open`],
]);

/** The word has been given, or the countdown has run out: it only waits for the time in which it can be taken back. */
export function isDecided({ pending }: Handoff): boolean {
  return pending?.by !== undefined || pending?.decided === true;
}

/** The ways out of a card, in the order in which they are shown and marked. */
export function optionsOf(handoff: Handoff): readonly Option[] {
  if (handoff.question === null && isDecided(handoff)) return UNDO_OPTIONS;
  return handoff.question?.options ?? COUNTDOWN_OPTIONS;
}

export function cardPanel(model: Model, ui: Ui, handoff: Handoff, rect: Rect): Panel {
  const focused = ui.focus === 'dock' || ui.overlay?.kind === 'card';
  const { pending, question, epoch, held } = handoff;
  const title: Row =
    question === null
      ? [
          span(`◔ ${isDecided(handoff) ? 'was' : 'will be'} ${pending?.decision === 'deny' ? 'denied' : 'approved'}`, 'attention'),
          span(` ${handoff.id} · round ${epoch}${held ? ' · held' : ''}`),
        ]
      : [span(`${NEEDS_YOU.sign} ${NEEDS_YOU.word}`, 'attention'), span(` ${handoff.id} · round ${epoch}${held ? ' · held' : ''}`)];
  const due = question === null ? (pending?.dueAt ?? null) : null;
  const border = focused ? 'focus' : 'attention';
  const look = { style: 'attention', fill: border === 'focus' ? '━' : '─' } as const;
  return {
    rect,
    border,
    title,
    titleEnd:
      due !== null
        ? [span(isDecided(handoff) ? 'takes effect in ' : 'in ', 'attention'), clock(due, 'until', look)]
        : [clock(question?.askedAt ?? handoff.phaseSince, 'since', look)],
    footEnd: focused ? [span('CONTROL', 'focus')] : [],
    rows: cardRows(model, ui, handoff, { width: rect.width - 2, height: Math.max(0, rect.height - 2) }),
  };
}

/** Two blocks: what is known (cut first), then the ways out, which are always there. */
function cardRows(model: Model, ui: Ui, handoff: Handoff, { width, height }: { width: number; height: number }): Row[] {
  const marked = ui.focus === 'dock' || ui.overlay?.kind === 'card' ? ui.option : -1;
  const options = optionsOf(handoff);
  const ways = height >= options.length + 3 ? optionRows(model, handoff, marked, width) : [optionsInOneRow(options, width)];
  const advice = adviceRows(handoff, width, height >= ROOMY_ROWS ? 2 : 1);
  const room = height - ways.length - advice.length;
  const facts = factRows(model, handoff, width, room);
  const gap = room - facts.length > 0 ? [[]] : [];
  return [...facts, ...gap, ...advice, ...ways];
}

function factRows(model: Model, handoff: Handoff, width: number, height: number): Row[] {
  const { question } = handoff;
  const context = question === null ? `"${plain(handoff.task, 300)}" by ${handoff.from}` : inPlainWords(plain(question.context, 600));
  const head = wrap(context, width - 2, Math.max(1, Math.min(3, height - 3))).map((text) => [span(` ${text}`, 'bold')]);
  const reasons = reasonsOf(handoff, question);
  const rest = [
    ...reasons.map((text): Row => [span(' • ', 'warn'), span(text)]),
    ...labelled(model, handoff).map(([label, row]): Row => [span(` ${label.padEnd(LABEL_CELLS)}`, 'dim'), ...row]),
  ];
  const room = height - head.length;
  if (rest.length <= room) return [...head, ...rest].map((row) => fitRow(row, width));
  // One row of each kind is worth more than all of one kind.
  const facts = labelled(model, handoff).length;
  const forReasons = Math.max(1, room - facts);
  const some = [...rest.slice(0, Math.min(reasons.length, forReasons)), ...rest.slice(reasons.length)];
  return [...head, ...some.slice(0, Math.max(0, room))].map((row) => fitRow(row, width));
}

/** The context names the first reason already. */
function reasonsOf(handoff: Handoff, question: Question | null): string[] {
  const reasons = question === null ? (lastRound(handoff)?.verdict?.reasons ?? []) : question.reasons;
  const said = question === null ? [] : [question.context];
  return reasons.map((reason) => inPlainWords(sentence(reason))).filter((text) => !said.some((context) => context.includes(text)));
}

function labelled(model: Model, handoff: Handoff): (readonly [string, Row])[] {
  const checks = checksOf(model, handoff);
  const { question } = handoff;
  const evidence = question?.evidence ?? lastRound(handoff)?.evidence?.path ?? null;
  const changed = question?.diff ?? lastRound(handoff)?.changed ?? [];
  const added = changed.reduce((sum, file) => sum + file.added, 0);
  const removed = changed.reduce((sum, file) => sum + file.removed, 0);
  const files = changed.map(({ path }) => plain(path, 120)).join(', ');
  return [
    ...(checks.length === 0 ? [] : [['checks', checks.flatMap((check, index) => checkWords(check, index))] as const]),
    ...(changed.length === 0
      ? []
      : [
          [
            'changes',
            [
              span(`${changed.length} ${changed.length === 1 ? 'file' : 'files'} `),
              span(`+${added}`, 'good'),
              span(` −${removed}`, 'bad'),
              span(`  ${files}`, 'dim'),
            ],
          ] as const,
        ]),
    ...(evidence === null ? [] : [['evidence', [span(plain(evidence, 200), 'dim')]] as const]),
  ];
}

function checkWords(check: Parameters<typeof checkLook>[0], index: number): Row {
  const { sign, word, style } = checkLook(check);
  return [...(index === 0 ? [] : [span(', ', 'dim')]), span(`${sign} `, style), span(plain(check.check, 40)), span(` ${word}`, style)];
}

function adviceRows({ question }: Handoff, width: number, max: number): Row[] {
  if (question === null) return [];
  const { key, why } = question.recommendation;
  const label = plain(question.options.find((option) => option.key === key)?.label ?? key, 40);
  const [first = '', ...rest] = wrap(`${label}: ${inPlainWords(plain(why, 300))}`, width - LABEL_CELLS - 2, max);
  const rows: Row[] = [
    [span(`${first.slice(0, label.length)}`, 'bold'), span(first.slice(label.length))],
    ...rest.map((text) => [span(text)]),
  ];
  return rows.map((row, index) => fitRow([span(` ${(index === 0 ? 'advice' : '').padEnd(LABEL_CELLS)}`, 'dim'), ...row], width));
}

function optionRows(model: Model, handoff: Handoff, marked: number, width: number): Row[] {
  const { instances } = model.state.coordinator;
  const names = { from: nameIn(instances, handoff.from), to: nameIn(instances, handoff.to) };
  const options = optionsOf(handoff);
  const advised = handoff.question?.recommendation.key ?? null;
  const widest = Math.max(...options.map(({ label }) => widthOf(plain(label, 40))));
  return options.map((option, index) => {
    const click = { kind: 'option', index } as const;
    const label = plain(option.label, 40);
    return fitRow(
      [
        span(index === marked ? '▸' : ' ', 'focus', click),
        span(` ${keyOf(option)} `, 'key', click),
        span(` ${label}${' '.repeat(widest - widthOf(label) + 2)}`, option.key === advised ? 'bold' : 'plain', click),
        span(CONSEQUENCES.get(option.key)?.(names) ?? inPlainWords(plain(option.consequence, 200)), 'dim', click),
      ],
      width,
    );
  });
}

function optionsInOneRow(options: readonly Option[], width: number): Row {
  return fitRow(
    options.flatMap((option, index): Row => {
      const click = { kind: 'option', index } as const;
      return [span(' '), span(keyOf(option), 'key', click), span(` ${plain(option.label, 40)}  `, 'plain', click)];
    }),
    width,
  );
}

function keyOf({ key }: Option): string {
  return key === 'hold' ? '⎋' : key === 'undo' ? 'u' : (OPTION_KEYS.get(key) ?? '⏎');
}

/** A handoff that waits for nobody: what it is, and where. */
export function peekPanel(model: Model, handoff: Handoff, rect: Rect): Panel {
  const width = rect.width - 2;
  const { instances } = model.state.coordinator;
  const { sign, word, style } = handoffLook(handoff);
  const facts: (readonly [string, Row])[] = [
    ['task', [span(plain(handoff.task, 400), 'bold')]],
    ['state', [span(`${sign} ${word}`, style), span(`  ${handoff.phase}, round ${handoff.epoch}`, 'dim')]],
    ['from', [span(nameIn(instances, handoff.from)), span(' → ', 'dim'), span(nameIn(instances, handoff.to))]],
    ['priority', [span(handoff.priority)]],
    ...(handoff.summary === null ? [] : [['says', [span(plain(handoff.summary, 400))]] as const]),
    ...aheadFacts(model, handoff),
    ...(handoff.depends.length === 0 ? [] : [['after', [span(handoff.depends.join(', '))]] as const]),
    ...labelled(model, handoff),
  ];
  return {
    rect,
    border: 'focus',
    title: [span(handoff.id, 'focus')],
    titleEnd: [clock(handoff.phaseSince, 'since', { style: 'focus', fill: '━' })],
    foot: [span('space hides it', 'dim')],
    footEnd: [span('CONTROL', 'focus')],
    rows: facts.map(([label, row]) => fitRow([span(` ${label.padEnd(LABEL_CELLS)}`, 'dim'), ...row], width)),
  };
}

function aheadFacts(model: Model, { id }: Handoff): (readonly [string, Row])[] {
  const forecast = model.ahead[id];
  const seen = forecast === undefined ? null : outlook(forecast);
  if (forecast === undefined || seen === null) return [];
  const others = (forecast.clashes ?? []).flatMap(({ with: other, files }) => [`${other}: ${files.join(', ')}`]);
  return [
    ['ahead', [span(`≈ ${seen.word}`, 'bold'), span(`${seen.old ? ', as it was then' : ''}  ${plain(others.join('; '), 300)}`, 'dim')]],
  ];
}
