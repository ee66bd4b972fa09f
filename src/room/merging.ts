/** The way of approved work into its target's checkout, in words for the delegation (PROTOCOL section 5). */
import type { Config } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import { plain } from '../core/plain.ts';
import type { Documents } from '../core/ports.ts';
import type { Trees } from '../git/trees.ts';

const FILES_NAMED = 100;

export function wayOfWork(config: Config, trees: Trees): NonNullable<Documents['merge']> {
  const cwdOf = (instance: InstanceId) => config.instances.find(({ id }) => id === instance)?.cwd ?? '.';
  return async ({ from, into, judged }) => {
    try {
      const found = await trees.merge(cwdOf(from), judged, cwdOf(into));
      if (found.kind === 'there') return { MERGE: `Commit ${found.commit} of ${from} is in your branch already.`, conflicts: [] };
      if (found.kind === 'uncommitted')
        return {
          MERGE: `What was approved is not committed yet, so it cannot be merged. ${from} has to commit exactly this, in \`${cwdOf(from)}\`:\n\n${list(found.files)}`,
          conflicts: [],
        };
      const command = `In \`${cwdOf(into)}\`:\n\n\`\`\`sh\ngit merge ${found.commit}\n\`\`\`\n\ncoordtui merges and pushes nothing itself.`;
      if (found.kind === 'clean')
        return { MERGE: `Commit ${found.commit} of ${from} merges without a conflict. ${command}`, conflicts: [] };
      return {
        MERGE: `Commit ${found.commit} of ${from} conflicts with your branch:\n\n${list(found.files)}\n\n${command}`,
        conflicts: found.files,
      };
    } catch (error) {
      return { MERGE: `Could not be looked at: ${plain(error instanceof Error ? error.message : String(error), 300)}`, conflicts: [] };
    }
  };
}

function list(files: readonly string[]): string {
  const more = files.length > FILES_NAMED ? [`- and ${files.length - FILES_NAMED} more`] : [];
  return [...files.slice(0, FILES_NAMED).map((path) => `- ${plain(path, 300)}`), ...more].join('\n');
}
