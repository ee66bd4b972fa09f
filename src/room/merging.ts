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
    const where = cwdOf(into);
    try {
      const found = await trees.merge(cwdOf(from), judged, where);
      switch (found.kind) {
        case 'there': {
          const way = `commit ${found.commit} of ${from} is in ${where === '.' ? "the workspace's branch" : `the branch of ${into}`} already`;
          return { MERGE: `${capital(way)}.`, way, conflicts: [] };
        }
        case 'uncommitted':
          return {
            MERGE: `What was approved is not committed yet, so it cannot be merged. ${from} has to commit exactly this, in \`${cwdOf(from)}\`:\n\n${list(found.files)}`,
            way: `not committed yet, so it cannot be merged; ${from} has to commit ${found.files.length} ${found.files.length === 1 ? 'file' : 'files'} in ${cwdOf(from)}`,
            conflicts: [],
          };
        case 'clean':
        case 'conflict': {
          const files = found.kind === 'conflict' ? found.files : [];
          const said = `commit ${found.commit} of ${from} ${found.kind === 'clean' ? 'merges without a conflict' : 'conflicts'}`;
          const command = `In \`${where}\`:\n\n\`\`\`sh\ngit merge ${found.commit}\n\`\`\`\n\ncoordtui merges and pushes nothing itself.`;
          return {
            MERGE: `${capital(said)}${files.length === 0 ? '.' : ` with your branch:\n\n${list(files)}\n\n`} ${command}`,
            way: `${said}${
              files.length === 0
                ? ''
                : ` (${files
                    .slice(0, 3)
                    .map((path) => plain(path, 100))
                    .join(', ')})`
            }; in ${where}: git merge ${found.commit}`,
            conflicts: files,
          };
        }
      }
    } catch (error) {
      const why = `could not be looked at: ${plain(error instanceof Error ? error.message : String(error), 300)}`;
      return { MERGE: `${capital(why)}`, way: why, conflicts: [] };
    }
  };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function list(files: readonly string[]): string {
  const more = files.length > FILES_NAMED ? [`- and ${files.length - FILES_NAMED} more`] : [];
  return [...files.slice(0, FILES_NAMED).map((path) => `- ${plain(path, 300)}`), ...more].join('\n');
}
