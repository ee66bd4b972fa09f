/** What a completion asks for while somebody types: the names that this workspace has at the moment. */
import { plain } from '../core/plain.ts';
import { isObject, type Json } from '../core/tree.ts';
import { loadConfig } from '../workspace/load-config.ts';
import { type Context, reach } from './context.ts';

export const SOURCES = ['instances', 'handoffs', 'debugs', 'checks'] as const;
export type Source = (typeof SOURCES)[number];

/** `about`: for shells that show it beside the word. */
export type CompletionWord = { readonly word: string; readonly about: string };

/** Shells expand what they are given, so nothing that could mean anything to one of them is ever offered. */
const HARMLESS = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/u;

/** Instances and checks stand in the config; handoffs and debugging sessions are known to the room alone: none without one. */
export async function completionWords(source: Source, context: Context): Promise<CompletionWord[]> {
  const words = source === 'instances' || source === 'checks' ? fromConfig(source, context) : await fromRoom(source, context);
  return words.filter(({ word }) => HARMLESS.test(word));
}

function fromConfig(source: 'instances' | 'checks', { paths }: Context): CompletionWord[] {
  const loaded = loadConfig(paths.root, { shell: process.env.SHELL });
  if (!loaded.ok) return [];
  return source === 'instances'
    ? loaded.config.instances.map(({ id, role }) => ({ word: id, about: plain(role, 40) }))
    : loaded.config.verification.checks.map(({ id, command }) => ({ word: id, about: plain(command, 60) }));
}

async function fromRoom(source: 'handoffs' | 'debugs', context: Context): Promise<CompletionWord[]> {
  const reached = await reach(context);
  if (!reached.ok) return [];
  try {
    const reply = await reached.connection.request(source === 'handoffs' ? 'handoffs' : 'debug list', {});
    const listed: Json[] = reply.ok && Array.isArray(reply.data) ? reply.data : [];
    return listed.filter(isObject).map(({ id, phase, state, task, issue }) => ({
      word: String(id),
      about: plain(`${String(phase ?? state ?? '')} ${String(task ?? issue ?? '')}`.trim(), 60),
    }));
  } finally {
    reached.connection.close();
  }
}
