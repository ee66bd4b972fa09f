/** From a verb and its arguments, as they came over the wire, to a Command: the door of the core. */

import { parseAckStatus } from './acknowledgment.ts';
import { speaker } from './authority.ts';
import type { Command } from './command.ts';
import { DIALS, type Dial } from './config.ts';
import type { Actor } from './event.ts';
import { PRIORITIES, type Priority } from './handoff.ts';
import { type CheckId, type HandoffId, type InstanceId, parseCheckId, parseHandoffId, parseInstanceId } from './ids.ts';
import { failure, type Reply } from './reply.ts';
import { REVIEWS, type ReviewKind } from './review-data.ts';
import { parseEstimate, parseRequirement, type Terms } from './terms.ts';
import type { JsonObject } from './tree.ts';

export type ParsedCommand = { readonly command: Command } | { readonly reply: Reply };

const MAX_TEXT = 20_000;
const MAX_LIST = 200;

/** `null` when the verb is none that reaches the core. */
export function parseCommand(verb: string, args: JsonObject, by: Actor): ParsedCommand | null {
  const read = PARSERS[verb];
  if (read === undefined) return null;
  try {
    return { command: read(new Arguments(verb, args), by) };
  } catch (error) {
    if (error instanceof Refusal) return { reply: error.reply };
    throw error;
  }
}

/** Thrown inside this file only, so that each parser below reads as one literal. */
class Refusal extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super('refused');
    this.reply = reply;
  }
}

class Arguments {
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

type Parser = (args: Arguments, by: Actor) => Command;

const PARSERS: Readonly<Record<string, Parser>> = {
  assign: (a) => ({
    verb: 'assign',
    instance: a.instance(),
    task: a.text('task'),
    type: a.optional('type'),
    priority: a.priority('medium'),
    depends: a.handoffs('depends'),
    required: a.checks('requires'),
    next: a.instanceOrNull('then'),
    terms: a.terms(),
    queue: a.flag('queue'),
  }),
  ready: (a, by) => ({
    verb: 'ready',
    instance: a.self(by),
    summary: a.optional('summary'),
    artifacts: a.list('artifact'),
    to: a.instanceOrNull('to'),
    questions: a.list('question'),
  }),
  ack: (a, by) => {
    const status = parseAckStatus(a.text('status')) ?? a.wrong('status must be RECEIVED, CLARIFICATION_NEEDED, REJECTED or QUEUED');
    const question = a.list('question').join(' · ') || null;
    const needed = {
      RECEIVED: a.optional('understanding'),
      CLARIFICATION_NEEDED: question,
      REJECTED: a.optional('reason'),
      QUEUED: a.optional('note'),
    }[status];
    if (needed === null && status !== 'RECEIVED') {
      a.wrong(`${status} needs ${{ CLARIFICATION_NEEDED: 'a --question', REJECTED: 'a --reason', QUEUED: 'a --note' }[status]}`);
    }
    return { verb: 'ack', instance: a.self(by), task: a.handoff('task'), status, text: needed };
  },
  approve: (a) => ({ verb: 'approve', handoff: a.handoff(), epoch: a.epoch(), reason: a.optional('reason') }),
  deny: (a) => ({ verb: 'deny', handoff: a.handoff(), epoch: a.epoch(), reason: a.optional('reason') }),
  answer: (a) => ({ verb: 'answer', handoff: a.handoff(), epoch: a.epoch(), text: a.text('text') }),
  verify: (a) => ({ verb: 'verify', handoff: a.handoff('handoff') }),
  'verify cancel': (a) => ({ verb: 'cancel', handoff: a.handoff('handoff') }),
  'handoffs hold': (a) => ({ verb: 'hold', handoff: a.handoff() }),
  'handoffs unhold': (a) => ({ verb: 'unhold', handoff: a.handoff() }),
  'handoffs prioritise': (a) => ({ verb: 'prioritise', handoff: a.handoff(), priority: a.priority(null) }),
  'handoffs edit': (a) => ({
    verb: 'edit',
    handoff: a.handoff(),
    task: a.optional('task'),
    depends: a.list('depends').length === 0 ? null : a.list('depends').join() === 'none' ? [] : a.handoffs('depends'),
    waive: a.flag('waive'),
  }),
  'handoffs withdraw': (a) => ({ verb: 'withdraw', handoff: a.handoff(), reason: a.optional('reason') }),
  reassign: (a) => ({ verb: 'reassign', handoff: a.handoff(), instance: a.instance(), reason: a.text('reason') }),
  reopen: (a) => ({ verb: 'reopen', handoff: a.handoff(), reason: a.text('reason') }),
  new: (a) => ({ verb: 'new', instance: a.instance() }),
  close: (a) => ({ verb: 'close', instance: a.instance() }),
  restart: (a) => ({ verb: 'restart', instance: a.instance() }),
  interrupt: (a) => ({ verb: 'interrupt', instance: a.instance() }),
  review: (a) => {
    const word = a.text('which');
    const kind: ReviewKind | undefined = REVIEWS.find((known) => known === word);
    return { verb: 'review', kind: kind ?? a.wrong(`it is one of ${REVIEWS.join(', ')}`) };
  },
  autopilot: (a) => {
    const word = a.text('dial');
    const set = [...DIALS, 'pause', 'resume'].find((known) => known === word);
    return {
      verb: 'autopilot',
      set: (set as Dial | 'pause' | 'resume' | undefined) ?? a.wrong(`dial must be one of ${DIALS.join(', ')}, pause, resume`),
    };
  },
};
