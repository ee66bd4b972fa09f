/** The shared context of a debugging session (P1): what everybody who takes part reads, kept up to date in one document. */
import { factsAbout } from './archive.ts';
import { contextPath, type DebugSession, silentInstances } from './debugging.ts';
import type { KeptDocument } from './logbook.ts';
import { plain } from './plain.ts';
import type { State } from './state.ts';
import { isoTime } from './time.ts';

export function debugDocument(state: State, session: DebugSession): KeptDocument {
  const { id, issue } = session;
  return {
    path: contextPath(id),
    title: `${id}: ${plain(issue, 160)}`,
    blocks: [
      { name: 'context', heading: 'What goes wrong', lines: context(state, session), grows: false },
      { name: 'investigation', heading: 'Who looks where', lines: investigation(session), grows: false },
      { name: 'findings', heading: 'Findings', lines: orNone(session.findings.map(found)), grows: false },
      { name: 'plan', heading: 'The fix', lines: orNone(plan(state, session)), grows: false },
      { name: 'verification', heading: 'Verification', lines: orNone(session.rounds.flatMap(verified)), grows: false },
    ],
  };
}

/** The same for a person at a screen or a pipe. */
export function debugLines(state: State, session: DebugSession): string[] {
  const { title, blocks } = debugDocument(state, session);
  return [`${title} (${session.state})`, ...blocks.flatMap(({ heading, lines }) => ['', heading, ...lines.map((line) => `  ${line}`)])];
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ['- nothing yet'] : lines;
}

function context(state: State, { issue, state: now, since, by, openedAt, handoffs }: DebugSession): string[] {
  return [
    `- ${plain(issue, 600)}`,
    `- ${now} since ${isoTime(since)}; ${now === 'proposed' ? 'proposed' : 'opened'} ${isoTime(openedAt)} by ${by}`,
    ...handoffs.map((id) => `- seen in ${id}: ${plain(factsAbout(state, id)?.task ?? '', 160)}`),
  ];
}

function investigation(session: DebugSession): readonly string[] {
  const silent = new Set(silentInstances(session));
  return orNone(
    session.investigators.flatMap(({ instance, layer, questions }) => [
      `- ${instance} looks into ${plain(layer, 60)}${silent.has(instance) ? ', no finding yet' : ''}`,
      ...questions.map((question) => `  - ${plain(question, 240)}`),
    ]),
  );
}

function found({ at, by, text, file }: DebugSession['findings'][number]): string {
  return `- ${isoTime(at).slice(0, 19)} ${by}: ${plain(text, 600)}${file === null ? '' : ` (${plain(file, 160)})`}`;
}

function plan(state: State, { plan: steps }: DebugSession): string[] {
  return steps.map(({ handoff, instance, task }) => {
    const now = factsAbout(state, handoff);
    const phase = now === null ? 'gone' : now.closedAt === null ? now.phase : 'closed';
    return `- ${handoff} ${instance}: ${plain(task, 200)} (${phase})`;
  });
}

function verified({ epoch, startedAt, checks, passed, why, evidence }: DebugSession['rounds'][number]): string[] {
  const end = passed === null ? 'runs' : passed ? 'every check passed' : (why ?? 'not passed');
  return [
    `- run ${epoch}, ${isoTime(startedAt).slice(0, 19)}: ${plain(end, 240)}${evidence === null ? '' : `, evidence ${plain(evidence, 160)}`}`,
    ...checks.map(({ check, outcome, reason }) => `  - ${check}: ${outcome}, ${plain(reason, 160)}`),
  ];
}
