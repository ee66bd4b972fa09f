import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copyTooling, packageVersion, runIn } from '../support/checkout.ts';
import { scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';

const PRINT = (name: string) =>
  `export async function main(argv: string[]): Promise<number> { console.log('${name}', JSON.stringify(argv)); return argv.includes('fail') ? 4 : 0; }\n`;
const SOURCES = {
  'src/client/fast.ts': PRINT('fast'),
  'src/room/main.ts': PRINT('room'),
  'src/cli/main.ts': `declare const __VERSION__: string;
export async function main(argv: string[]): Promise<number> {
  if (argv[0] === 'wait') {
    console.log('waiting');
    await new Promise((done) => process.stdin.once('data', done));
    process.stdin.pause();
    console.log((await import('./late.ts')).late());
    return 0;
  }
  console.log('cli', __VERSION__, process.env.NODE_ENV, JSON.stringify(argv));
  return 0;
}
`,
  'src/cli/late.ts': "import { parse } from 'yaml';\nexport const late = () => 'late ' + JSON.stringify(parse('one: 1'));\n",
  'src/rehearsal/project/deep/file.txt': 'a file of the sample project',
  'src/rehearsal/agents/backend.json': '[]',
  'src/rehearsal/project/.gitignore': 'deep/',
  'src/rehearsal/agents/pieces/orders/a.js': 'a piece of work',
  'src/rehearsal/agents/world.ts': 'not shipped as a file',
};

let root: string;
beforeEach(() => {
  root = copyTooling(scratch('build'), SOURCES);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const ensure = (...args: string[]) => runIn(root, [process.execPath, 'bin/ensure.js', ...args]);
const coordtui = (...args: string[]) => runIn(root, [process.execPath, 'bin/coordtui.js', ...args]);
const dist = () => readdirSync(join(root, 'dist')).sort();

describe('the entry is chosen by the arguments before anything is loaded', () => {
  test.each([
    ['fast', ['status', 'set', 'a.b', '1']],
    ['fast', ['--workspace', 'status', 'status', '--json', 'get', 'a']],
    ['fast', ['status', '--if-revision', '3', 'incr', 'a', '--', '--help']],
    ['cli', ['status']],
    ['cli', ['status', 'watch']],
    ['cli', ['status', 'set', '--help']],
    ['cli', ['--instance', 'status', 'set', 'x']],
    ['room', ['serve', '--workspace', '/x', '--foreground']],
    ['cli', ['serve']],
    ['cli', ['tail', 'serve', '--foreground']],
    ['cli', []],
    ['cli', ['--version']],
  ])('%s for %j', (entry, argv) => {
    mkdirSync(join(root, 'dist'));
    const program = (name: string) => `async (argv) => { console.log('${name}', JSON.stringify(argv)); return 0; }`;
    writeFileSync(join(root, 'dist/fast.cjs'), `exports.main = ${program('fast')};\n`);
    writeFileSync(join(root, 'dist/cli.js'), `export const main = ${program('cli')};\n`);
    writeFileSync(join(root, 'dist/room.script.js'), `/* ${'0'.repeat(32)} */(async () => ({ main: ${program('room')} }))`);
    expect(coordtui(...argv).stdout).toBe(`${entry} ${JSON.stringify(argv)}\n`);
  });

  test('the exit code is what main answers', () => {
    ensure();
    expect(coordtui('status', 'set', 'fail').status).toBe(4);
  });

  test('not built: one sentence that says what to run', () => {
    const { status, stdout, stderr } = coordtui('--version');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`coordtui: not built yet. Run: npm run build --prefix ${root}/\n`);
  });

  test('a Node that is too old: one sentence', () => {
    writeFileSync(
      join(root, 'old.mjs'),
      "Object.defineProperty(process.versions, 'node', { value: '20.18.3' });\nawait import('./bin/coordtui.js');\n",
    );
    const { status, stderr } = runIn(root, [process.execPath, 'old.mjs']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^coordtui: needs Node 20\.19 or later, this is 20\.18\.3 \(.*\)\.\n$/);
  });
});

describe('the build', () => {
  test('holds the version, the production setting, the sample project and the notices of bundled packages; nothing on stdout', () => {
    const { status, stdout } = ensure();
    expect([status, stdout]).toEqual([0, '']);
    expect(coordtui('x').stdout).toBe(`cli ${packageVersion()} production ["x"]\n`);
    expect(readFileSync(join(root, 'dist/rehearsal/project/deep/file.txt'), 'utf8')).toBe('a file of the sample project');
    const shipped = ['agents', 'agents/backend.json', 'agents/pieces', 'agents/pieces/orders', 'agents/pieces/orders/a.js'];
    const sample = ['project', 'project/deep', 'project/deep/file.txt'];
    expect(readdirSync(join(root, 'dist/rehearsal'), { recursive: true }).sort()).toEqual([...shipped, ...sample]);
    expect(readFileSync(join(root, 'dist/licences.txt'), 'utf8')).toMatch(/^yaml \d+\.\d+\.\d+ \(ISC\)\n\nCopyright Eemeli Aro/m);
    expect(dist().filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('is done once: the second start builds nothing, a changed source builds again', () => {
    expect(ensure().stderr).toBe('coordtui: building\n');
    expect(ensure().stderr).toBe('');
    writeFileSync(join(root, 'src/cli/late.ts'), "export const late = () => 'newer';\n");
    expect(ensure().stderr).toBe('coordtui: building\n');
    expect(ensure('--build').stderr).toBe('coordtui: building\n');
  });

  test('refuses a package in the entry that has to stay small, and leaves the dist that was there', () => {
    ensure();
    const before = dist();
    writeFileSync(join(root, 'src/client/fast.ts'), "import { parse } from 'yaml';\nexport const main = async () => Number(parse('1'));\n");
    const { status, stderr } = ensure();
    expect(status).toBe(1);
    expect(stderr).toMatch(/src\/client\/fast\.ts must stay free of packages, but it imports .*node_modules\/yaml/);
    expect(stderr).toMatch(/coordtui: the build failed/);
    expect(dist()).toEqual(before);
    expect(coordtui('status', 'set').stdout).toBe('fast ["status","set"]\n');
  });

  test('a program that runs can still load what it has not loaded yet, after a build that changed it', async () => {
    ensure();
    const child = spawn(process.execPath, ['bin/coordtui.js', 'wait'], { cwd: root });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    const closed = once(child, 'close');
    try {
      await until('the program to wait', () => printed.includes('waiting'));
      writeFileSync(join(root, 'src/cli/late.ts'), "export const late = () => 'newer';\n");
      expect(ensure().status).toBe(0);
      child.stdin.write('go\n');
      expect(await closed).toEqual([0, null]);
      expect(printed).toBe('waiting\nlate {"one":1}\n');
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('for a package it leaves nothing of earlier builds', () => {
    ensure();
    const first = dist();
    writeFileSync(join(root, 'src/cli/late.ts'), "export const late = () => 'newer';\n");
    ensure();
    const old = first.filter((name) => name.startsWith('chunk-'));
    expect(old.filter((name) => dist().includes(name))).toEqual(old);
    expect(ensure('--prepare').status).toBe(0);
    expect(old.filter((name) => dist().includes(name))).not.toEqual(old);
    expect(ensure('--prepare').stderr).toBe('');
  });
});

describe('several at once', () => {
  test('of four starts one builds, the others wait for it and build nothing', async () => {
    const runs = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['bin/ensure.js'], { cwd: root });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      return once(child, 'close').then(([code]) => ({ code, said }));
    });
    const all = await Promise.all(runs);
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(all.filter(({ said }) => said.includes('coordtui: building'))).toHaveLength(1);
    expect(existsSync(join(root, '.tsbuild/ensure.lock'))).toBe(false);
    expect(coordtui('x').status).toBe(0);
  });

  test('one that lets go is never in the way of one that takes it', async () => {
    // Takes the lock by the same rename in a tight loop, so that it hits every moment of a release.
    const greedy = `
      import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
      const lock = process.argv[1];
      for (let taken = 0; taken < 60; ) {
        const draft = mkdtempSync(lock + '-');
        writeFileSync(draft + '/owner.json', JSON.stringify({ pid: process.pid, birth: null }));
        while (!existsSync(lock)) {}
        for (;;) { try { renameSync(draft, lock); break; } catch {} }
        renameSync(lock, draft); rmSync(draft, { recursive: true }); taken += 1;
      }`;
    const polite = `
      import { whileLocked } from './bin/lock.js';
      for (const lock = process.argv[1]; ; ) await whileLocked(lock, () => undefined, () => undefined);`;
    const lock = join(root, 'held');
    const children = [polite, greedy].map((script) =>
      spawn(process.execPath, ['--input-type=module', '-e', script, lock], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] }),
    );
    let complaint = '';
    for (const child of children) child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    try {
      // The greedy one ends by itself; a polite one that was disturbed ends before it.
      await Promise.race(children.map((child) => once(child, 'close')));
      expect(complaint).toBe('');
      expect(children[0]?.exitCode).toBeNull();
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });

  test('the lock of one that was killed is taken over', () => {
    const { pid } = runIn(root, [process.execPath, '-e', '']);
    mkdirSync(join(root, '.tsbuild/ensure.lock'), { recursive: true });
    writeFileSync(join(root, '.tsbuild/ensure.lock/owner.json'), JSON.stringify({ pid, birth: '1' }));
    expect(ensure().status).toBe(0);
    expect(readdirSync(join(root, '.tsbuild'))).toEqual([]);
  });

  test('a lock whose owner has the number of another process by now is taken over', () => {
    mkdirSync(join(root, '.tsbuild/ensure.lock'), { recursive: true });
    writeFileSync(join(root, '.tsbuild/ensure.lock/owner.json'), JSON.stringify({ pid: process.pid, birth: '1' }));
    // Where processes have no birth to compare, a living number is an owner.
    if (existsSync('/proc/self/stat')) expect(ensure().status).toBe(0);
  });
});
