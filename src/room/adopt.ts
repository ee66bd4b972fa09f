/** `adopt --role`: a session of the user's own tmux as a new instance. It is written into the config, which acts as any change of it does. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../core/command.ts';
import { parseCommand } from '../core/parse-command.ts';
import { plain } from '../core/plain.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import { applyPlan } from '../workspace/apply-plan.ts';
import { withOneMore } from '../workspace/one-more-instance.ts';
import { CONFIG_FILE } from '../workspace/paths.ts';
import { readRegularFile } from '../workspace/regular-file.ts';
import { MAX_CONFIG_BYTES } from '../workspace/yaml-source.ts';
import type { Served } from './conversation.ts';
import type { Room } from './dispatch.ts';

/** Without a role it is one of the instances that there are, which the core knows. */
export async function adopt(room: Room, { request, actor }: Served): Promise<Reply> {
  const parsed = parseCommand('adopt', request.args, actor);
  if (parsed === null) throw new Error('adopt: a command without a parser');
  if ('reply' in parsed) return parsed.reply;
  const { role } = request.args;
  if (role === undefined || role === null || parsed.command.verb !== 'adopt') return room.coordinator.command(actor, parsed.command);
  return asNew(room, parsed.command, String(role));
}

async function asNew(room: Room, { session, instance }: Extract<Command, { verb: 'adopt' }>, role: string): Promise<Reply> {
  if (instance === null)
    return failure('usage', `adopt: which instance shall tmux:${session} be?`, 'name a new one: --as instance-4-docs --role docs');
  const { config, instances } = room.coordinator.state().coordinator;
  if (config.instances.some(({ id }) => id === instance))
    return failure(
      'refused',
      `adopt: ${instance} is there already`,
      `to give it this session leave --role out: coordtui adopt tmux:${session} --as ${instance}`,
    );
  const holder = Object.entries(instances).find(([, one]) => one.adopted === session)?.[0];
  if (holder !== undefined)
    return failure('refused', `adopt: tmux:${session} is the session of ${holder}`, `leave it first: coordtui close ${holder}`);
  const found = await room.places.inUsersTmux(session);
  if ('failed' in found) return failure('notFound', `adopt: ${found.failed}`, 'tmux ls names those that there are');
  const written = write(room.workspace, { id: instance, role, program: found.program, tmux: session });
  if (written !== null)
    return failure(
      'refused',
      `adopt: ${instance} cannot be added to ${CONFIG_FILE}: ${plain(written, 300)}`,
      'add it there by hand: coordtui init writes one that has examples',
    );
  return done(
    `${instance}: written into ${CONFIG_FILE}, with the tmux session ${session} as its own, and ${plain(found.program, 80)} for when that is gone.\n` +
      'It comes once you have accepted the changed config: n on the screen, or coordtui config show, then coordtui config accept',
    { instance, session, role, file: CONFIG_FILE, program: found.program },
  );
}

/** null: it is written. */
function write(root: string, instance: Parameters<typeof withOneMore>[1]): string | null {
  const read = readRegularFile(join(root, CONFIG_FILE), MAX_CONFIG_BYTES);
  if (read.kind === 'absent') return 'there is none';
  if (read.kind === 'unreadable') return read.why;
  const added = withOneMore(read.text, instance, { shell: process.env.SHELL });
  if (!added.ok) return added.why;
  const mode = statSync(join(root, CONFIG_FILE)).mode & 0o777;
  const file = { path: CONFIG_FILE, text: added.text, before: read.text, mode, action: 'update', why: '' } as const;
  const [applied] = applyPlan(root, { write: [file], keep: [] });
  return applied?.action === 'failed' ? applied.why : null;
}
