/** From a verb and its arguments, as they came over the wire, to a Command: the door of the core. */

import { parseAckStatus } from './acknowledgment.ts';
import { Arguments, Refusal } from './arguments.ts';
import type { Command } from './command.ts';
import { DIALS, type Dial } from './config.ts';
import type { Actor } from './event.ts';
import { parseTmuxName } from './ids.ts';
import { DEBUG_PARSERS } from './parse-debug.ts';
import type { Reply } from './reply.ts';
import { REVIEWS, type ReviewKind } from './review-data.ts';
import type { JsonObject } from './tree.ts';

export type ParsedCommand = { readonly command: Command } | { readonly reply: Reply };

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

export type Parser = (args: Arguments, by: Actor) => Command;

const PARSERS: Readonly<Record<string, Parser>> = {
  assign: (a) => ({
    verb: 'assign',
    instance: a.instance(),
    task: a.given('task', 'say what there is to do: --task TEXT, or --file FILE'),
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
  tick: (a) => ({ verb: 'tick', handoff: a.handoff(), epoch: a.epoch(), box: a.number('box'), off: a.flag('off') }),
  override: (a) => ({ verb: 'override', handoff: a.handoff(), epoch: a.epoch(), move: a.move(), reason: a.text('reason') }),
  undo: (a) => ({ verb: 'undo', handoff: a.optional('id') === null ? null : a.handoff() }),
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
  restart: (a) => ({ verb: 'restart', instance: a.instance(), fresh: a.flag('fresh') }),
  interrupt: (a) => ({ verb: 'interrupt', instance: a.instance() }),
  ...DEBUG_PARSERS,
  review: (a) => {
    const word = a.text('which');
    const kind: ReviewKind | undefined = REVIEWS.find((known) => known === word);
    return { verb: 'review', kind: kind ?? a.wrong(`it is one of ${REVIEWS.join(', ')}`) };
  },
  'config accept': (a) => ({ verb: 'config.accept', id: a.optional('change') }),
  'config refuse': (a) => ({ verb: 'config.refuse', id: a.optional('change') }),
  'emergency-stop': (a) => ({ verb: 'emergency-stop', except: a.instanceOrNull('except') }),
  adopt: (a) => {
    const session = a.text('session');
    const name = session.startsWith('tmux:') ? parseTmuxName(session.slice('tmux:'.length)) : null;
    return {
      verb: 'adopt',
      session:
        name ?? a.wrong(`"${session.slice(0, 80)}" names no session`, 'it is written tmux:NAME; letters, digits, - and _ make a name'),
      instance: a.instanceOrNull('as'),
    };
  },
  autopilot: (a) => {
    const word = a.optional('dial');
    if (word === null) return { verb: 'autopilot', set: null };
    const set = [...DIALS, 'pause', 'resume'].find((known) => known === word);
    return {
      verb: 'autopilot',
      set: (set as Dial | 'pause' | 'resume' | undefined) ?? a.wrong(`dial must be one of ${DIALS.join(', ')}, pause, resume`),
    };
  },
};
