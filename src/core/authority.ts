/** Who may do what (PROTOCOL section 1): decided from the connection alone, before anything else is looked at. */
import type { Authority } from './command.ts';
import type { Actor } from './event.ts';
import type { InstanceId } from './ids.ts';
import { failure, type Reply } from './reply.ts';

/** null: permitted. */
export function refuse(verb: string, authority: Authority, by: Actor): Reply | null {
  switch (authority) {
    case 'read':
      return null;
    case 'own':
      if (by.kind === 'operator' || by.kind === 'instance') return null;
      return notPermitted(verb, by, 'run it in a terminal of your own, or in the session of the instance that it is about');
    case 'operator':
      if (by.kind === 'operator') return null;
      return notPermitted(verb, by, 'run it in a terminal of your own, outside the sessions of the room');
    case 'decision':
      if (by.kind === 'operator' && by.terminal) return null;
      if (by.kind === 'operator') {
        return failure(
          'notPermitted',
          `${verb}: a decision needs a terminal, and this process has none`,
          'run it in a terminal of your own; to allow decisions without one, start the room with COORDTUI_OPERATOR=headless',
        );
      }
      return notPermitted(verb, by, 'only the operator decides, in a terminal of his own');
  }
}

function notPermitted(verb: string, by: Actor, hint: string): Reply {
  return failure('notPermitted', `${verb}: not permitted for ${nameOf(by)}`, hint);
}

export function nameOf(by: Actor): string {
  switch (by.kind) {
    case 'operator':
      return by.name;
    case 'instance':
      return by.instance;
    case 'check':
      return 'a check';
    case 'nobody':
      return 'a process of unknown origin below the room';
  }
}

/**
 * On whose behalf an `own` verb speaks: a session is always itself, `--instance` is accepted from the
 * operator only.
 */
export function speaker(verb: string, by: Actor, asked: InstanceId | null): { instance: InstanceId } | { reply: Reply } {
  if (by.kind === 'instance') {
    if (asked === null || asked === by.instance) return { instance: by.instance };
    return {
      reply: failure(
        'notPermitted',
        `${verb}: ${by.instance} cannot speak for ${asked}`,
        'leave --instance out: a session is always itself',
      ),
    };
  }
  if (by.kind !== 'operator') return { reply: notPermitted(verb, by, 'run it in the session of the instance') };
  if (asked === null) return { reply: failure('usage', `${verb}: which instance is meant?`, 'say it with --instance ID') };
  return { instance: asked };
}
