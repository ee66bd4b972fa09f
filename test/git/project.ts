/** Real projects in real repositories, in a directory of their own that `dispose` removes. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export type Project = {
  readonly root: string;
  readonly privateDir: string;
  write(path: string, content: string | Uint8Array): void;
  git(...args: string[]): string;
  commit(message?: string): void;
  dispose(): void;
};

const IDENTITY = [
  '-c',
  'user.name=Tess Ter',
  '-c',
  'user.email=tess@example.invalid',
  '-c',
  'commit.gpgsign=false',
  '-c',
  'protocol.file.allow=always',
];

export function gitIn(cwd: string, ...args: string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  return execFileSync('git', [...IDENTITY, ...args], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** `repository: false` leaves a plain directory. */
export function makeProject({ repository = true } = {}): Project {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'coordtui-tree-')));
  const root = join(home, 'workspace');
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  mkdirSync(root);
  if (repository) gitIn(root, 'init', '-q', '-b', 'main');
  return {
    root,
    privateDir: join(root, 'status', '.coordtui', 'git'),
    write,
    git: (...args) => gitIn(root, ...args),
    commit(message = 'work') {
      gitIn(root, 'add', '-A');
      gitIn(root, 'commit', '-q', '--allow-empty', '-m', message);
    },
    dispose() {
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Every file below a directory with its content's text, to tell that nothing was touched. */
export function photograph(directory: string): Map<string, string> {
  const picture = new Map<string, string>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(directory, name);
    picture.set(name, statSync(path).isFile() ? readFileSync(path, 'latin1') : 'directory');
  }
  return picture;
}
