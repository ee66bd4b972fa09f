/**
 * What an assignment asks for beyond its task, typed as in P1 for both roles (PROTOCOL section 6): which kind of work
 * it is, what has to be found before it starts, and what has to have passed before it counts as done.
 */
import type { CheckId, Ms } from './ids.ts';
import type { CheckSpec } from './report.ts';
import { duration } from './time.ts';

const BACKEND_TYPES = ['database', 'api', 'ipc', 'service'] as const;
const FRONTEND_TYPES = ['component', 'hook', 'ui', 'integration'] as const;
export const WORK_TYPES = [...BACKEND_TYPES, ...FRONTEND_TYPES] as const;

export type Specialisation = 'backend' | 'frontend';

const REQUIREMENT_KINDS = ['route', 'handler', 'table'] as const;

/** A part of the back end that must be there before the work begins; a check's report says whether it is (`provides`). */
export type Requirement = { readonly kind: (typeof REQUIREMENT_KINDS)[number]; readonly name: string };

export type Terms = {
  /** Informs and never decides. */
  readonly estimatedMs: Ms | null;
  /** Commands that become checks of this handoff's rounds; their ids are among its required ones. */
  readonly commands: readonly { readonly check: CheckId; readonly command: string }[];
  readonly needs: readonly Requirement[];
  /** What a person has to see for himself: boxes on the card. */
  readonly boxes: readonly string[];
};

export const NO_TERMS: Terms = { estimatedMs: null, commands: [], needs: [], boxes: [] };

export function specialisationOfType(type: string | null): Specialisation | null {
  if (BACKEND_TYPES.some((word) => word === type)) return 'backend';
  return FRONTEND_TYPES.some((word) => word === type) ? 'frontend' : null;
}

const FRONT = /front|(?:^|-)ui(?:-|$)|mobile|web|client|renderer/u;
const BACK = /back|server|service|gateway|data|api|logic|ipc|infrastructure/u;

/** Roles are words of the user's; one that says neither takes work of both kinds. */
export function specialisationOf(role: string): Specialisation | null {
  const word = role.toLowerCase();
  const front = FRONT.test(word);
  return front === BACK.test(word) ? null : front ? 'frontend' : 'backend';
}

/** `table orders`, `route GET /api/orders`, `handler orders:create`; null: none of these. */
export function parseRequirement(text: string): Requirement | null {
  const [word = '', ...rest] = text.trim().split(/\s+/u);
  const kind = REQUIREMENT_KINDS.find((known) => known === word.toLowerCase());
  const name = rest.join(' ');
  return kind === undefined || name === '' || name.length > 200 ? null : { kind, name };
}

/** The form in which names of what is there are compared: case, a slash at the end and the names of parameters do not matter. */
export function nameKey(text: string): string {
  const [kind = '', ...rest] = text.trim().toLowerCase().split(/\s+/u);
  if (kind !== 'route') return [kind, ...rest].join(' ');
  const [method = '', ...words] = rest;
  const parts = words
    .join(' ')
    .split('/')
    .filter((part) => part !== '');
  // `:id`, `{id}`, `[id]` and `<id>` are one hole.
  return `route ${method} /${parts.map((part) => (/^:|^[{[<].*[}\]>]$/u.test(part) ? ':' : part)).join('/')}`;
}

/** As a person reads it. */
export function requirementName({ kind, name }: Requirement): string {
  return `${kind} ${name}`;
}

/** @param there keys of what was found */
export function isProvided({ kind, name }: Requirement, there: ReadonlySet<string>): boolean {
  const key = nameKey(requirementName({ kind, name }));
  // What answers every method answers this one.
  return there.has(key) || (kind === 'route' && there.has(key.replace(/^route \S+/u, 'route all')));
}

const UNITS: Readonly<Record<string, Ms>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `45m`, `2h`, `3d`; null: no such thing. */
export function parseEstimate(text: string): Ms | null {
  const match = /^(\d{1,4})(m|h|d)$/u.exec(text.trim());
  return match === null ? null : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0);
}

/** The layer of checks that only one assignment has. */
export const TERMS_LAYER = 'assignment';

/** The commands of the terms as checks: critical, after the shipped ones, over every file. */
export function checksOfTerms(terms: Terms | undefined): CheckSpec[] {
  return (terms?.commands ?? []).map(({ check, command }) => ({
    id: check,
    phase: 'integration',
    layer: TERMS_LAYER,
    command,
    cwd: '.',
    timeoutMs: 600_000,
    critical: true,
    when: [],
    needs: [],
    notRunExitCodes: [],
    report: null,
  }));
}

/** For the delegation document and for `explain`: a line for each thing that the terms ask for. */
export function termLines(terms: Terms, required: readonly CheckId[]): string[] {
  const own = new Set(terms.commands.map(({ check }) => check));
  return [
    ...(terms.estimatedMs === null ? [] : [`estimated: ${duration(terms.estimatedMs)} (informs only)`]),
    ...required.filter((check) => !own.has(check)).map((check) => `must have run and passed: the check ${check}`),
    ...terms.commands.map(({ check, command }) => `must have run and passed: \`${command}\` (as the check ${check})`),
    ...terms.needs.map(({ kind, name }) => `needs from the back end: ${kind} ${name}`),
    ...terms.boxes.map((text) => `the operator looks for himself: ${text}`),
  ];
}
