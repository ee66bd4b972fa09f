/** What the palette offers for what is typed so far: keys' commands and verbs, or what can stand next in a verb. */
import type { Argument } from '../../core/command.ts';
import { waitingConfig } from '../../core/new-config.ts';
import { plain } from '../../core/plain.ts';
import { splitWords, TYPEABLE, verbIn } from '../command-line.ts';
import { SCOPE_TITLES } from '../help/help.ts';
import { keyNames } from '../key-names.ts';
import type { Binding, CommandId, Scope } from '../keymap.ts';
import type { Model } from '../model.ts';
import { isOpen, scopesOf } from '../scopes.ts';
import type { Ui } from '../ui-state.ts';
import { handoffLook } from '../words.ts';

export type Entry = {
  readonly text: string;
  readonly detail: string;
  readonly key: string;
  /** Whether it does something now. */
  readonly now: boolean;
  readonly does:
    | { readonly kind: 'command'; readonly id: CommandId }
    /** The line that it makes; `run`: and that is all that is needed. */
    | { readonly kind: 'line'; readonly line: string; readonly run: boolean }
    /** Only what may be typed on; Enter runs the line as it is. */
    | { readonly kind: 'hint'; readonly line: string };
};

/** While a line is being typed these are the keys of that line, and there is nothing to run them on. */
const NOT_OFFERED: ReadonlySet<Scope> = new Set(['palette', 'help', 'prompt', 'confirm']);

export function paletteEntries(model: Model, ui: Ui, keymap: readonly Binding[], text: string): readonly Entry[] {
  const line = text.trimStart();
  const verb = verbIn(splitWords(line).words);
  const wanted = line.toLowerCase().split(/\s+/u).filter(Boolean);
  const matching = ({ text: name, detail }: Entry): boolean => wanted.every((word) => `${name} ${detail}`.toLowerCase().includes(word));
  const first = wanted.join(' ');
  // The verb that was typed out first, then what begins with the typed words, then what only holds them.
  const rank = ({ text: name, does, now }: Entry): number => {
    if (does.kind === 'line' && does.line.trim() === first) return 0;
    if (first !== '' && name.toLowerCase().startsWith(first)) return 1;
    return now ? 2 : 3;
  };
  const commands = commandEntries(model, ui, keymap);
  // A word that begins a verb may begin a sentence of the help as well: "approve the …".
  if (verb !== null && line.startsWith(`${verb.name} `)) {
    const next = argumentEntries(model, verb, line);
    return next.length > 0 || line === `${verb.name} ` ? next : commands.filter(matching);
  }
  return [...commands, ...verbEntries()].filter(matching).toSorted((a, b) => rank(a) - rank(b));
}

function commandEntries(model: Model, ui: Ui, keymap: readonly Binding[]): Entry[] {
  const closed: Ui = { ...ui, overlay: null };
  const scopes = scopesOf(model, closed);
  return keymap
    .filter(({ scope }) => !NOT_OFFERED.has(scope))
    .map((one) => ({
      text: one.help,
      detail: one.scope === 'control' ? '' : SCOPE_TITLES[one.scope],
      key: keyNames(one),
      now: scopes.includes(one.scope) && isOpen(one, model, closed),
      does: { kind: 'command', id: one.id },
    }));
}

function verbEntries(): Entry[] {
  return TYPEABLE.map(({ name, summary, args, flags }) => {
    const run =
      args.every(({ required }) => !required) &&
      flags.every(({ required }) => required !== true) &&
      name !== 'verify' &&
      name !== 'autopilot';
    const usage = args.map((one) => (one.required ? one.name.toUpperCase() : `[${one.name}]`)).join(' ');
    return {
      text: `${name} ${usage}`.trim(),
      detail: summary,
      key: '',
      now: true,
      does: { kind: 'line', line: run ? name : `${name} `, run },
    };
  });
}

function argumentEntries(model: Model, verb: (typeof TYPEABLE)[number], line: string): Entry[] {
  const rest = line.slice(verb.name.length);
  const { words } = splitWords(rest);
  const partial = /\s$/u.test(rest) ? '' : (words.at(-1) ?? '');
  const done = partial === '' ? words : words.slice(0, -1);
  const before = line.slice(0, line.length - partial.length);
  const positional = done.filter((word, index) => !word.startsWith('--') && !(done[index - 1] ?? '').startsWith('--'));
  const afterFlag = verb.flags.find(({ name, value }) => value !== undefined && done.at(-1) === `--${name}`);
  const argument = afterFlag === undefined ? verb.args[positional.length] : undefined;
  const candidates = partial.startsWith('--')
    ? []
    : afterFlag === undefined
      ? argument === undefined
        ? []
        : candidatesFor(model, argument)
      : (afterFlag.choices ?? instanceChoices(model, afterFlag.value)).map(bare);
  const last =
    argument !== undefined &&
    verb.args.length === positional.length + 1 &&
    verb.flags.every(({ required }) => required !== true) &&
    verb.name !== 'assign';
  const values = candidates
    .filter(({ value }) => value.startsWith(partial))
    .map(
      ({ value, detail }): Entry => ({
        text: value,
        detail,
        key: '',
        now: true,
        does: { kind: 'line', line: `${before}${value}${last ? '' : ' '}`, run: last },
      }),
    );
  if (values.length > 0) return values;
  return verb.flags
    .filter(({ name }) => `--${name}`.startsWith(partial) && !done.includes(`--${name}`))
    .map(({ name, value, help }) => ({
      text: `--${name}${value === undefined ? '' : ` ${value.toUpperCase()}`}`,
      detail: help,
      key: '',
      now: true,
      does: { kind: 'hint', line: `${before}--${name} ` },
    }));
}

type Candidate = { readonly value: string; readonly detail: string };
const bare = (value: string): Candidate => ({ value, detail: '' });

function instanceChoices(model: Model, value: string | undefined): string[] {
  if (value === 'instance') return Object.keys(model.state.coordinator.instances);
  if (value === 'id') return Object.keys(model.state.coordinator.handoffs);
  return value === 'check' ? model.state.coordinator.config.verification.checks.map(({ id }) => id) : [];
}

function candidatesFor(model: Model, argument: Argument): Candidate[] {
  if (argument.choices !== undefined) return argument.choices.map(bare);
  if (argument.name === 'instance') return Object.keys(model.state.coordinator.instances).map(bare);
  if (argument.name === 'change') return [waitingConfig(model.state.coordinator)?.id ?? []].flat().map(bare);
  if (argument.name === 'check') return model.state.coordinator.config.verification.checks.map(({ id }) => bare(id));
  if (argument.name !== 'id') return [];
  return Object.values(model.state.coordinator.handoffs)
    .toSorted((a, b) => Number(a.closedAt !== null) - Number(b.closedAt !== null))
    .map((handoff) => ({ value: handoff.id, detail: `${handoffLook(handoff).word}: ${plain(handoff.task, 60)}` }));
}
