/** What `init` needs to know of a project before it plans anything: read once, changed never. */
import { lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFile } from './regular-file.ts';

/** `linkTo`: the file is a link to this real path. `trouble`: it is there and cannot be read, and must be left alone. */
export type SurveyedFile = {
  readonly text: string | null;
  readonly mode: number;
  readonly linkTo: string | null;
  readonly trouble: string | null;
};

export type Survey = { readonly root: string; readonly files: ReadonlyMap<string, SurveyedFile> };

const MAX_BYTES = 1_048_576;

/** Files whose content decides something, and marks of tools whose presence does. */
const LOOKED_AT = [
  'coordtui.yaml',
  'AGENTS.md',
  'CLAUDE.md',
  'status/README.md',
  'status/.gitignore',
  'docs_dev/coordtui-for-agents.md',
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

/** @param root the workspace's real path */
export function surveyProject(root: string): Survey {
  const found = LOOKED_AT.flatMap((path) => {
    const file = look(join(root, path));
    return file === null ? [] : [[path, file] as const];
  });
  return { root, files: new Map(found) };
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
