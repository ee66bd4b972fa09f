/** `coordtui recover`: a damaged journal, told first and repaired when the operator says so. */

import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { counted } from '../core/counted.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { Json } from '../core/tree.ts';
import type { Diagnosis } from '../store/repair.ts';
import { repairStore } from '../store/repair-store.ts';
import type { Context } from './context.ts';

export async function recover({ paths, args, say, json }: Context): Promise<Reply> {
  if (!existsSync(paths.journalDir))
    return done(`no room has run in ${paths.root} yet, so there is no journal that could be damaged`, { damaged: false });
  const looked = repairStore(paths.statusDir, 'look');
  if (!looked.ok) return failure(looked.code, `recover: ${looked.message}`, 'end the room first: coordtui stop');
  const { found } = looked;
  if (found === null) return done(`the journal of ${paths.root} is whole: nothing to repair`, { damaged: false });
  if (!json) for (const line of story(found)) say(line);
  if (args.yes !== true) {
    if (!process.stdin.isTTY) return failure('no', `recover: ${found.why}`, 'to repair it as told above: coordtui recover --yes');
    const prompt = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await prompt.question('Type "recover" to do it: ').finally(() => prompt.close());
    if (answer.trim() !== 'recover') return failure('no', 'recover: nothing was changed', 'the journal stays as it is');
  }
  const repaired = repairStore(paths.statusDir, 'repair');
  if (!repaired.ok) return failure(repaired.code, `recover: ${repaired.message}`, 'look at the disk, then run it again');
  return done(`repaired: the store of ${paths.root} can be opened again; what was damaged lies beside it, nothing was deleted`, {
    damaged: true,
    ...(found as unknown as { [key: string]: Json }),
  });
}

function story(found: Diagnosis): string[] {
  const lost = found.published - found.seq;
  return [
    `damage: ${found.why}`,
    `good: ${counted(found.records, 'record')}, up to revision ${found.seq}`,
    ...(lost > 0 ? [`lost: what revisions ${found.seq + 1} to ${found.published} said, but for what the status file still shows`] : []),
    ...(found.restored.length > 0
      ? [`from the status file: ${found.restored.slice(0, 12).join(', ')}${found.restored.length > 12 ? ' …' : ''}`]
      : []),
    ...(found.aside.length > 0 ? [`set aside: ${found.aside.join(', ')}`] : []),
  ];
}
