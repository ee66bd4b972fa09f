/** What a scripted agent does, as data: a list of steps, each of which may be done twice without harm. */

export type Condition =
  /** The status document names an assignment of this instance, or it was already signed off. */
  | { readonly assigned: true }
  /** The instance's own `status` is one of these words. */
  | { readonly phase: readonly string[] }
  /** A message with this subject about this instance's handoff lies in the status document. */
  | { readonly message: string }
  /** A message with this subject about whatever, a debugging session say. */
  | { readonly asked: string }
  | { readonly file: string }
  | { readonly contains: { readonly file: string; readonly text: string } }
  | { readonly not: Condition }
  | { readonly any: readonly Condition[] };

type Deed =
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'title'; readonly text: string }
  /** A spinner: only for the eye. */
  | { readonly do: 'think'; readonly text: string; readonly ms: number }
  | { readonly do: 'wait'; readonly for: Condition; readonly text: string; readonly seconds?: number }
  /** Copies files of `work/<name>` into the working directory: all, `only` these, or all `except` these. */
  | { readonly do: 'apply'; readonly work: string; readonly only?: readonly string[]; readonly except?: readonly string[] }
  | { readonly do: 'edit'; readonly file: string; readonly find: string; readonly replace: string }
  | { readonly do: 'remove'; readonly file: string }
  | { readonly do: 'run'; readonly command: readonly string[] }
  /** Commits the files that this run has touched, if anything of them is new. */
  | { readonly do: 'commit'; readonly message: string }
  | { readonly do: 'status'; readonly field: string; readonly value: string; readonly with: 'jq' | 'coordtui' }
  | { readonly do: 'ack'; readonly status: string; readonly understanding: string }
  | { readonly do: 'ready'; readonly summary: string; readonly artifacts?: readonly string[] }
  /** Answers the debugging session that it was asked about last. */
  | { readonly do: 'finding'; readonly text: string; readonly file: string }
  /** A small test under the agent's own name, so that several may write one in the same folder. */
  | { readonly do: 'write-test'; readonly folder: string }
  /** Reads the document that a denial came with; it must name this text, or the agent has nothing to go by. */
  | { readonly do: 'read-failure'; readonly names: string }
  | { readonly do: 'group'; readonly steps: readonly Step[] }
  | { readonly do: 'crash' | 'hang' | 'rest' }
  | { readonly do: 'exit'; readonly code: number };

export type Step = Deed & { readonly if?: Condition };
export type Script = { readonly name: string; readonly steps: readonly Step[] };

type Kind = 'text' | 'number' | 'texts' | 'condition' | 'steps';

/** Fields of each deed; a question mark: may be absent. */
const DEEDS: Readonly<Record<Step['do'], Readonly<Record<string, Kind | `${Kind}?`>>>> = {
  say: { text: 'text' },
  title: { text: 'text' },
  think: { text: 'text', ms: 'number' },
  wait: { for: 'condition', text: 'text', seconds: 'number?' },
  apply: { work: 'text', only: 'texts?', except: 'texts?' },
  edit: { file: 'text', find: 'text', replace: 'text' },
  remove: { file: 'text' },
  run: { command: 'texts' },
  commit: { message: 'text' },
  status: { field: 'text', value: 'text', with: 'text' },
  ack: { status: 'text', understanding: 'text' },
  ready: { summary: 'text', artifacts: 'texts?' },
  finding: { text: 'text', file: 'text' },
  'write-test': { folder: 'text' },
  'read-failure': { names: 'text' },
  group: { steps: 'steps' },
  crash: {},
  hang: {},
  rest: {},
  exit: { code: 'number' },
};

/** Throws a sentence that names the step: a script that is wrong is our own mistake. */
export function parseScript(text: string, name: string): Script {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error(`${name}: a script is a list of steps`);
  return { name, steps: value.map((step, index) => parseStep(step, `${name}, step ${index + 1}`)) };
}

function parseStep(value: unknown, where: string): Step {
  if (!isRecord(value) || typeof value.do !== 'string' || !Object.hasOwn(DEEDS, value.do)) throw new Error(`${where}: unknown step`);
  const fields: Readonly<Record<string, string>> = { ...DEEDS[value.do as Step['do']], if: 'condition?' };
  for (const name of Object.keys(value)) {
    if (name !== 'do' && !Object.hasOwn(fields, name)) throw new Error(`${where}: "${value.do}" has no field "${name}"`);
  }
  for (const [name, kind] of Object.entries(fields)) {
    if (value[name] === undefined && kind.endsWith('?')) continue;
    if (!isKind(value[name], kind.replace('?', '') as Kind, where)) throw new Error(`${where}: "${name}" is no ${kind}`);
  }
  return value as Step;
}

function isKind(value: unknown, kind: Kind, where: string): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'condition':
      return isCondition(value);
    case 'steps':
      return Array.isArray(value) && value.every((step) => parseStep(step, `${where}, inside`) !== null);
  }
}

function isCondition(value: unknown): boolean {
  if (!isRecord(value) || Object.keys(value).length !== 1) return false;
  if ('not' in value) return isCondition(value.not);
  if ('any' in value) return Array.isArray(value.any) && value.any.every(isCondition);
  if ('phase' in value) return isKind(value.phase, 'texts', '');
  if ('contains' in value)
    return isRecord(value.contains) && typeof value.contains.file === 'string' && typeof value.contains.text === 'string';
  return value.assigned === true || typeof value.message === 'string' || typeof value.asked === 'string' || typeof value.file === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
