/** The arguments of one verb as they came over the wire, each read as what it has to be. */
import { speaker } from './authority.ts';
import type { Actor } from './event.ts';
import { ALL_MOVES, type Move, PRIORITIES, type Priority } from './handoff.ts';
import { type CheckId, type HandoffId, type InstanceId, parseCheckId, parseHandoffId, parseInstanceId } from './ids.ts';
import { failure, type Reply } from './reply.ts';
import { parseEstimate, parseRequirement, type Terms } from './terms.ts';
import type { JsonObject } from './tree.ts';

const MAX_TEXT = 20_000;
const MAX_LIST = 200;

/** Thrown by the readers below and caught where parsing begins, so that each parser reads as one literal. */
export class Refusal extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super('refused');
    this.reply = reply;
  }
}

export class Arguments {
  readonly verb: string;
  readonly #args: JsonObject;

  constructor(verb: string, args: JsonObject) {
    this.verb = verb;
    this.#args = args;
  }

  wrong(what: string, hint = `see: coordtui ${this.verb} --help`): never {
    throw new Refusal(failure('usage', `${this.verb}: ${what}`, hint));
  }

  optional(name: string): string | null {
    const value = this.#args[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') this.wrong(`${name} must be text`);
    if (value.length > MAX_TEXT) this.wrong(`${name} is longer than ${MAX_TEXT} characters`, 'put the text into a file and name its path');
    return value;
  }

  text(name: string): string {
    const value = this.optional(name)?.trim();
    if (value === undefined || value === '') this.wrong(`${name} is missing`);
    return value;
  }

  /** A flag without which the verb means nothing. */
  given(name: string, hint: string): string {
    return this.optional(name)?.trim() || this.wrong(`no ${name} is given`, hint);
  }

  list(name: string): string[] {
    const value = this.#args[name];
    if (value === undefined || value === null) return [];
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (items.length > MAX_LIST) this.wrong(`${name} is given more than ${MAX_LIST} times`);
    return items.map((item) => {
      if (typeof item !== 'string' || item.length > MAX_TEXT) this.wrong(`${name} must be text`);
      return item;
    });
  }

  number(name: string): number {
    const value = this.#args[name];
    const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(number) || number < 0) this.wrong(`${name} must be a whole number`);
    return number;
  }

  move(): Move {
    const word = this.text('move');
    return ALL_MOVES.find((move) => move === word) ?? this.wrong(`"${word.slice(0, 40)}" is no move`, `moves: ${ALL_MOVES.join(', ')}`);
  }

  epoch(): number | null {
    const value = this.#args.epoch;
    if (value === undefined || value === null) return null;
    const epoch = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(epoch) || epoch < 0) this.wrong('--epoch must be a whole number');
    return epoch;
  }

  instance(name = 'instance'): InstanceId {
    return this.#instanceOf(name, this.text(name));
  }

  instanceOrNull(name: string): InstanceId | null {
    const text = this.optional(name);
    return text === null ? null : this.#instanceOf(name, text);
  }

  #instanceOf(name: string, text: string): InstanceId {
    return (
      parseInstanceId(text) ??
      this.wrong(`${name}: "${text.slice(0, 80)}" cannot be an instance`, 'ids are lower-case letters, digits and hyphens')
    );
  }

  handoff(name = 'id'): HandoffId {
    return this.#handoffOf(this.text(name));
  }

  handoffs(name: string): HandoffId[] {
    return this.list(name).map((text) => this.#handoffOf(text));
  }

  #handoffOf(text: string): HandoffId {
    return parseHandoffId(text) ?? this.wrong(`"${text.slice(0, 80)}" cannot be a handoff`, 'ids look like h-3f2a; see: coordtui handoffs');
  }

  checks(name: string): CheckId[] {
    return this.list(name).map((text) => parseCheckId(text) ?? this.wrong(`"${text.slice(0, 80)}" cannot be a check`));
  }

  flag(name: string): boolean {
    const value = this.#args[name];
    if (value !== undefined && value !== null && typeof value !== 'boolean') this.wrong(`--${name} takes no value`);
    return value === true;
  }

  terms(): Terms {
    const estimate = this.optional('estimate');
    return {
      estimatedMs: estimate === null ? null : (parseEstimate(estimate) ?? this.wrong('--estimate must be a time like 45m, 2h or 3d')),
      commands: this.list('step').map((command, index) => ({ check: `step-${index + 1}` as CheckId, command })),
      needs: this.list('needs').map(
        (text) =>
          parseRequirement(text) ??
          this.wrong(`--needs "${text.slice(0, 80)}" names nothing`, 'say "table NAME", "route METHOD PATH" or "handler NAME"'),
      ),
      boxes: this.list('box'),
    };
  }

  priority(fallback: Priority | null): Priority {
    const text = this.optional('priority')?.toLowerCase() ?? fallback;
    const priority = PRIORITIES.find((word) => word === text);
    return priority ?? this.wrong(`priority must be one of ${PRIORITIES.join(', ')}`);
  }

  /** The instance that speaks, by the connection's right. */
  self(by: Actor): InstanceId {
    const who = speaker(this.verb, by, this.instanceOrNull('instance'));
    if ('reply' in who) throw new Refusal(who.reply);
    return who.instance;
  }
}

/** `verify trial CHECK` is `verify CHECK` said in full; a check may still be called so. */
export function namedChecks(words: readonly string[], known: readonly string[]): string[] {
  return words[0] === 'trial' && !known.includes('trial') ? words.slice(1) : [...words];
}
