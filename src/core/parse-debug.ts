/** The verbs of debugging sessions, from the wire to a Command. */
import type { Arguments } from './arguments.ts';
import { type DebugId, parseDebugId } from './debugging.ts';
import { type InstanceId, parseInstanceId } from './ids.ts';
import type { Parser } from './parse-command.ts';

const MAX_STEPS = 50;

function idOf(a: Arguments): DebugId {
  const text = a.text('id');
  return (
    parseDebugId(text) ?? a.wrong(`"${text.slice(0, 80)}" cannot be a debugging session`, 'ids look like d-3f2a; see: coordtui debug list')
  );
}

/** `instance-1: commit the insert` */
function stepOf(a: Arguments, text: string): { instance: InstanceId; task: string } {
  const at = text.indexOf(':');
  const instance = parseInstanceId(text.slice(0, Math.max(0, at)).trim());
  const task = text.slice(at + 1).trim();
  if (instance === null || task === '') a.wrong(`a step is "INSTANCE: TASK", and this is none: "${text.slice(0, 80)}"`);
  return { instance, task };
}

export const DEBUG_PARSERS: Readonly<Record<string, Parser>> = {
  'debug open': (a) => {
    const issue = a.text('issue');
    return { verb: 'debug.open', id: parseDebugId(issue), issue, handoffs: a.handoffs('handoff') };
  },
  'debug assign': (a) => {
    const questions = a.list('question').map((text) => text.trim());
    if (questions.length === 0 || questions.includes('')) a.wrong('a --question is missing');
    return { verb: 'debug.assign', id: idOf(a), instance: a.instance(), layer: a.text('layer'), questions };
  },
  'debug finding': (a, by) => ({
    verb: 'debug.finding',
    id: idOf(a),
    instance: by.kind === 'instance' || a.optional('instance') !== null ? a.self(by) : null,
    text: a.text('text'),
    file: a.optional('file'),
  }),
  'debug plan': (a) => {
    const steps = a.list('step').map((text) => stepOf(a, text));
    if (steps.length === 0 || steps.length > MAX_STEPS) a.wrong(`a plan has 1 to ${MAX_STEPS} steps`);
    return { verb: 'debug.plan', id: idOf(a), steps, inOrder: a.flag('in-order') };
  },
  'debug verify': (a) => ({ verb: 'debug.verify', id: idOf(a) }),
  'debug close': (a) => ({ verb: 'debug.close', id: idOf(a), reason: a.text('reason') }),
};
