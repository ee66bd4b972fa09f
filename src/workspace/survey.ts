/** What `init` needs to know of a project before it plans anything: read once, changed never. */
import { lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { copyPath, SHIPPED_CHECKS } from './check-copies.ts';
import { readRegularFile } from './regular-file.ts';

/** `linkTo`: the file is a link to this real path. `trouble`: it is there and cannot be read, and must be left alone. */
export type SurveyedFile = {
  readonly text: string | null;
  readonly mode: number;
  readonly linkTo: string | null;
  readonly trouble: string | null;
};

export type Survey = {
  readonly root: string;
  readonly files: ReadonlyMap<string, SurveyedFile>;
  /** Folders of which the presence alone says something. */
  readonly folders: ReadonlySet<string>;
};

const MAX_BYTES = 1_048_576;

/** Files whose content decides something, and marks of tools whose presence does. */
const LOOKED_AT = [
  'coordtui.yaml',
  'AGENTS.md',
  'CLAUDE.md',
  'status/README.md',
  'status/.gitignore',
  'docs_dev/coordtui-for-agents.md',
  ...SHIPPED_CHECKS.map(copyPath),
  'package.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'Makefile',
  'pyproject.toml',
  'pytest.ini',
  'tox.ini',
  'setup.cfg',
  'Cargo.toml',
  'go.mod',
];

/** Where migrations and schemas usually lie. */
const FOLDERS = [
  'migrations',
  'db/migrations',
  'db/migrate',
  'database/migrations',
  'src/migrations',
  'src/db/migrations',
  'server/migrations',
  'backend/migrations',
  'supabase/migrations',
  'prisma',
  'drizzle',
];

/** @param root the workspace's real path */
export function surveyProject(root: string): Survey {
  const found = LOOKED_AT.flatMap((path) => {
    const file = look(join(root, path));
    return file === null ? [] : [[path, file] as const];
  });
  const folders = FOLDERS.filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true);
  return { root, files: new Map(found), folders: new Set(folders) };
}

function look(path: string): SurveyedFile | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  const linkTo = stats.isSymbolicLink() ? resolved(path) : null;
  const read = readRegularFile(path, MAX_BYTES);
  const mode = stats.mode & 0o777;
  if (read.kind === 'text') return { text: read.text, mode, linkTo, trouble: null };
  return { text: null, mode, linkTo, trouble: read.kind === 'absent' ? 'is a link that leads nowhere' : read.why };
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Leads nowhere: then it is no link into the workspace either.
    return '';
  }
}
