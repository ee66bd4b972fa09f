/**
 * What `coordtui init` writes (PROTOCOL section 12), as a plan that can be shown before it is done. Pure: the survey comes
 * in, files with their whole new content go out. Safe to run again; what somebody has edited is never overwritten.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { copyPath, copyText, SHIPPED_CHECKS } from './check-copies.ts';
import { configText } from './config-text.ts';
import { AGENTS_PAGE, agentsBlock, agentsPage, STATUS_README } from './pages.ts';
import { PATTERNS, type PatternInstance, type PatternName } from './patterns.ts';
import { proposeChecks } from './propose-checks.ts';
import type { Survey, SurveyedFile } from './survey.ts';

export type InitOptions = {
  readonly pattern: PatternName;
  /** Instance id → preset; the others get a shell. */
  readonly agents: ReadonlyMap<string, string>;
  /** Make an AGENTS.md when there is neither that nor a CLAUDE.md. */
  readonly createAgentsFile: boolean;
};

export type PlannedFile = {
  /** Relative to the workspace. */
  readonly path: string;
  /** The whole new content. */
  readonly text: string;
  readonly mode: number;
  /** `update` replaces exactly `before`; if the file has changed since, nothing may be written. */
  readonly action: 'create' | 'update';
  readonly before: string | null;
  /** One clause for the person who is asked. */
  readonly why: string;
};

export type InitPlan = {
  readonly write: readonly PlannedFile[];
  /** What stays as it is, and why. */
  readonly keep: readonly { readonly path: string; readonly why: string }[];
};

type Step = { readonly write: PlannedFile } | { readonly keep: { readonly path: string; readonly why: string } };

export function planInit(survey: Survey, options: InitOptions): InitPlan {
  const instances = PATTERNS[options.pattern];
  const steps = [
    planConfig(survey, options, instances),
    planOwn(survey, 'status/.gitignore', '/multi-instance-status.json*\n', 'keeps the status document out of version control'),
    planOwn(survey, 'status/README.md', STATUS_README, 'who owns which field, and how to repair by hand'),
    planOwn(survey, AGENTS_PAGE, agentsPage(instances), 'teaches an agent the protocol'),
    ...planCopies(survey),
    ...planBlocks(survey, options.createAgentsFile),
  ];
  return {
    write: steps.flatMap((step) => ('write' in step ? [step.write] : [])),
    keep: steps.flatMap((step) => ('keep' in step ? [step.keep] : [])),
  };
}

function create(path: string, text: string, why: string): Step {
  return { write: { path, text, mode: 0o644, action: 'create', before: null, why } };
}

function keep(path: string, why: string): Step {
  return { keep: { path, why } };
}

function planConfig(survey: Survey, options: InitOptions, instances: readonly PatternInstance[]): Step {
  const path = 'coordtui.yaml';
  if (survey.files.has(path)) return keep(path, 'there already, and yours');
  const checks = proposeChecks(survey);
  const text = configText(instances, (id) => options.agents.get(id) ?? 'shell', checks);
  return create(
    path,
    text,
    checks.length === 0
      ? 'who works here; no check was found to propose'
      : `who works here; checks proposed: ${checks.map(({ id }) => id).join(', ')}`,
  );
}

/** All four, so that they are at hand as the protocol names them, where the project is one of Node's. */
function planCopies(survey: Survey): Step[] {
  if (!survey.files.has('package.json')) return [];
  return SHIPPED_CHECKS.map((check) => planOwn(survey, copyPath(check), copyText(check), `starts coordtui's ${check}; yours to edit`));
}

/** The seal in the last line tells a text that we wrote and nobody touched from one that somebody has made his own. */
const SEAL =
  /\n?<!-- written by coordtui init; edit freely, then it is not replaced: ([0-9a-f]{16}) -->\n$|^(?:#|\/\/) written by coordtui init: ([0-9a-f]{16})\n/;

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function sealed(path: string, text: string): string {
  if (!path.endsWith('.md')) return `${path.endsWith('.js') ? '//' : '#'} written by coordtui init: ${digest(text)}\n${text}`;
  return `${text}\n<!-- written by coordtui init; edit freely, then it is not replaced: ${digest(text)} -->\n`;
}

function isUntouched(text: string): boolean {
  const seal = SEAL.exec(text);
  return seal !== null && digest(text.replace(SEAL, '')) === (seal[1] ?? seal[2]);
}

function planOwn(survey: Survey, path: string, body: string, why: string): Step {
  const text = sealed(path, body);
  const there = survey.files.get(path);
  if (there === undefined) return create(path, text, why);
  if (there.text === text) return keep(path, 'up to date');
  const trouble = unwritable(there);
  if (trouble !== null) return keep(path, trouble);
  if (there.text === null || !isUntouched(there.text)) return keep(path, 'edited by somebody, left as it is');
  return { write: { path, text, mode: there.mode, action: 'update', before: there.text, why: `${why} (a newer text)` } };
}

/** A link is followed by nobody here: it might lead out of the workspace. */
function unwritable(file: SurveyedFile): string | null {
  if (file.linkTo !== null) return 'a link, left as it is';
  return file.trouble;
}

const BEGIN = '<!-- coordtui:begin -->';
const END = '<!-- coordtui:end -->';
const INSTRUCTION_FILES = ['AGENTS.md', 'CLAUDE.md'];

function planBlocks(survey: Survey, createMissing: boolean): Step[] {
  const there = INSTRUCTION_FILES.filter((path) => survey.files.has(path));
  if (there.length === 0) return createMissing ? [create('AGENTS.md', `${block('\n')}\n`, 'tells agents where the protocol stands')] : [];
  return there.map((path) => planBlock(survey, path));
}

function planBlock(survey: Survey, path: string): Step {
  const file = survey.files.get(path);
  if (file === undefined) throw new Error(`init: ${path} is planned and was not surveyed`);
  const sibling = INSTRUCTION_FILES.find((other) => file.linkTo === join(survey.root, other));
  if (sibling !== undefined) return keep(path, `a link to ${sibling}`);
  const trouble = unwritable(file);
  if (trouble !== null || file.text === null) return keep(path, trouble ?? 'cannot be read');
  const text = withBlock(file.text);
  if (text === null) return keep(path, `its markers ${BEGIN} and ${END} do not stand as one pair: put that right first`);
  if (text === file.text) return keep(path, 'up to date');
  return {
    write: {
      path,
      text,
      mode: file.mode,
      action: 'update',
      before: file.text,
      why: 'points to the protocol, between markers; the rest stays untouched',
    },
  };
}

function block(newline: string): string {
  return [BEGIN, ...agentsBlock().split('\n'), END].join(newline);
}

/** The text with our block in its place, or at its end; null when the markers are not one pair in order. */
function withBlock(text: string): string | null {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  const isOnce = begin === text.lastIndexOf(BEGIN) && end === text.lastIndexOf(END);
  if (!isOnce || begin < 0 !== end < 0 || begin > end) return null;
  if (begin >= 0) return text.slice(0, begin) + block(newline) + text.slice(end + END.length);
  const gap = text === '' ? '' : text.endsWith('\n') ? newline : newline + newline;
  return `${text}${gap}${block(newline)}${newline}`;
}
