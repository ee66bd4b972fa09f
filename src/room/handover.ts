/** What an instance leaves behind in its tree: for whoever takes its work over (PROTOCOL section 7). */
import type { Config } from '../core/config.ts';
import { plain } from '../core/plain.ts';
import type { Documents } from '../core/ports.ts';
import type { Trees } from '../git/trees.ts';
import type { Attachments } from '../mailbox/documents.ts';

const MAX_PATCH_BYTES = 8 * 1024 * 1024;
const FILES_NAMED = 300;

export function leftBehind(config: Config, trees: Trees, documents: Attachments): NonNullable<Documents['work']> {
  return async ({ instance, base }, path) => {
    try {
      const now = await trees.snapshot(config.instances.find(({ id }) => id === instance)?.cwd ?? '.');
      const changed = await trees.changes(base, now);
      if (changed.length === 0) return { FILES: 'none: the tree is as it was when the work began', PATCH: null };
      const named = changed
        .slice(0, FILES_NAMED)
        .map((file) => `- ${file.status} ${plain(file.path, 300)} (+${file.added} −${file.removed})`);
      const more = changed.length > FILES_NAMED ? [`- and ${changed.length - FILES_NAMED} more`] : [];
      const patch = path.replace(/\.md$/u, '.patch');
      const trouble = await documents.attach(patch, await trees.patch(base, now, { maxBytes: MAX_PATCH_BYTES }));
      return { FILES: [...named, ...more].join('\n'), PATCH: trouble === null ? patch : `could not be written: ${trouble}` };
    } catch (error) {
      return { FILES: `could not be listed: ${error instanceof Error ? plain(error.message, 300) : String(error)}`, PATCH: null };
    }
  };
}
