/** The config as it lies on the disk: read without trusting what kind of file it is, and held against the directories it names. */
import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type ConfigContext, defaultConfig, type ParsedConfig, parseConfig } from './config.ts';
import { bag, type Fault, list } from './config-rules.ts';
import { CONFIG_FILE } from './paths.ts';
import { readRegularFile } from './regular-file.ts';
import { MAX_CONFIG_BYTES } from './yaml-source.ts';

/** `text` is what was read, null when there is none: for showing what changed between two loads. */
export type LoadedConfig = ParsedConfig & { readonly text: string | null };

/** @param root the workspace's real path. An absent config is fine; one that cannot be read is a problem like any other. */
export function loadConfig(root: string, context: ConfigContext): LoadedConfig {
  const read = readRegularFile(join(root, CONFIG_FILE), MAX_CONFIG_BYTES);
  if (read.kind === 'absent') return { ok: true, config: defaultConfig(context), notices: [], text: null };
  if (read.kind === 'unreadable') return { ok: false, problems: [{ line: 1, column: 1, path: '', message: read.why }], text: null };
  return { ...parseConfig(read.text, context, (value) => directoryFaults(root, value)), text: read.text };
}

function directoryFaults(root: string, value: unknown): Fault[] {
  const sections = [
    { items: list(bag(value)['instances']), path: ['instances'] },
    { items: list(bag(bag(value)['verification'])['checks']), path: ['verification', 'checks'] },
  ];
  return sections.flatMap(({ items, path }) =>
    items.flatMap((item, index) => {
      const { cwd } = bag(item);
      const message = typeof cwd === 'string' ? directoryFault(root, cwd) : null;
      return message === null ? [] : [{ path: [...path, index, 'cwd'], message }];
    }),
  );
}

function directoryFault(root: string, cwd: string): string | null {
  // Paths that leave by their very words are the schema's to refuse: nothing outside is even looked at.
  if (cwd.startsWith('/') || cwd.includes('\0') || cwd.split('/').includes('..')) return null;
  try {
    const real = realpathSync(join(root, cwd));
    if (real !== root && !real.startsWith(root === sep ? sep : root + sep)) return 'leads out of the workspace through a link';
    return statSync(real).isDirectory() ? null : 'is not a directory';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? 'names a directory that does not exist'
      : 'cannot be opened';
  }
}
