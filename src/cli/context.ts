/** What every verb of the command line is given: the workspace, what was asked, and where to say things. */

import { socketOf } from '../client/address.ts';
import { type Connected, connect } from '../client/connect.ts';
import { seenAs } from '../client/seen-as.ts';
import { stoppedHolder } from '../client/stopped-room.ts';
import type { Verb } from '../core/command.ts';
import { failure, type Reply } from '../core/reply.ts';
import type { JsonObject } from '../core/tree.ts';
import type { WorkspacePaths } from '../workspace/paths.ts';

export type Context = {
  readonly verb: Verb;
  readonly args: JsonObject;
  readonly paths: WorkspacePaths;
  /** How the workspace was found; `directory` means that nothing marks it as one yet. */
  readonly foundBy: string;
  readonly json: boolean;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
};

/** A verb ends in a reply; null when it has said everything itself. */
export type Run = (context: Context) => Promise<Reply | null>;

export function notReached({ verb, paths }: Context, { reason, message, hint }: Exclude<Connected, { ok: true }>): Reply {
  return failure('noRoom', `${verb.name}: ${reason === 'no-room' ? `no room runs for ${paths.root}` : message}`, hint);
}

export function reach({ paths }: Context): Promise<Connected> {
  return connect(socketOf(paths.root), () => stoppedHolder(paths.root));
}

/**
 * Verbs that need no room are still not for the sessions of one: the room of this workspace says who asks.
 * null: nobody objects, because no room runs or because it sees the operator.
 */
export async function objection(verb: string, root: string): Promise<Reply | null> {
  return objectionOf(verb, await seenAs(root));
}

export function objectionOf(verb: string, authority: string | null): Reply | null {
  if (authority === null || authority === 'operator') return null;
  return failure(
    'notPermitted',
    `${verb}: not permitted for ${authority}`,
    'run it in a terminal of your own, outside the sessions of the room',
  );
}
