/** P1's documented `jq … > tmp.json && mv tmp.json STATUS`, unchanged, with coordtui's own programs first on the PATH. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeShims } from '../../src/room/shims.ts';
import { workspacePaths } from '../../src/workspace/paths.ts';

const FILE = 'status/multi-instance-status.json';
const hasJq = spawnSync('jq', ['--version']).status === 0;

function workspace() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "ct-shim it's-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const paths = workspacePaths(root);
  mkdirSync(paths.privateDir, { recursive: true });
  const dir = writeShims(paths, '/no/program.js', process.env.PATH ?? '');
  writeFileSync(paths.statusFile, '{"instances":{}}');
  const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
  const kept = (): string[] =>
    readdirSync(join(paths.privateDir, 'links'))
      .sort()
      .map((name) => readFileSync(join(paths.privateDir, 'links', name), 'utf8'));
  const shell = (script: string, cwd = root) => spawnSync('/bin/sh', ['-c', script], { cwd, env, encoding: 'utf8' });
  return { root, paths, dir, env, kept, shell };
}

describe('mv', () => {
  test('a version is kept before it is moved over the status file', () => {
    const { kept, shell, paths } = workspace();
    expect(shell(`echo '{"a":1}' > tmp.json && mv tmp.json ${FILE}`)).toMatchObject({ status: 0, stderr: '' });
    expect(kept()).toEqual(['{"a":1}\n']);
    expect(readFileSync(paths.statusFile, 'utf8')).toBe('{"a":1}\n');
    expect(shell('test -e tmp.json').status).toBe(1);
  });

  test('from anywhere, by any path, with -f and --; in the order of the moves', () => {
    const { kept, shell, root } = workspace();
    for (const [n, command] of [`mv -f x "${root}/${FILE}"`, `mv -- x ../${FILE}`, `cd .. && mv sub/x ./${FILE}`].entries()) {
      mkdirSync(join(root, 'sub'), { recursive: true });
      writeFileSync(join(root, 'sub/x'), `{"n":${n}}`);
      expect(shell(command, join(root, 'sub')).status).toBe(0);
    }
    expect(kept()).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
  });

  test('in the order of the moves also when the clock was set back between them, whatever else lies there', () => {
    const { kept, shell, root, paths } = workspace();
    const links = join(paths.privateDir, 'links');
    // As if from a clock that was years ahead.
    writeFileSync(join(links, '2000000000000000000-1'), 'before');
    for (const n of [1, 2]) {
      writeFileSync(join(root, 'x'), `{"n":${n}}`);
      expect(shell(`mv x ${FILE}`)).toMatchObject({ status: 0, stderr: '' });
    }
    expect(kept()).toEqual(['before', '{"n":1}', '{"n":2}']);
    for (const name of ['9999999999999999999-1', '20000000000000000000-1', 'named by hand']) writeFileSync(join(links, name), 'strange');
    writeFileSync(join(root, 'x'), '{"n":3}');
    expect(shell(`mv x ${FILE}`)).toMatchObject({ status: 0, stderr: '' });
    expect(kept()).toContain('{"n":3}');
  });

  test.each([
    ['nothing', ''],
    ['half', '{"a":'],
    ['two', '{"a":1}{"b":2}'],
    ['a list', '[1]'],
  ])('%s is refused: the file stays as it was', (_what, text) => {
    const { kept, shell, root, paths } = workspace();
    writeFileSync(join(root, 'x'), text);
    const { status, stderr } = shell(`mv x ${FILE}`);
    // Without jq only what does not end like an object can be told.
    if (!hasJq && text.endsWith('}')) return;
    expect(status).toBe(1);
    expect(stderr).toContain('the status file is as it was');
    expect(kept()).toEqual([]);
    expect(readFileSync(paths.statusFile, 'utf8')).toBe('{"instances":{}}');
    expect(existsSync(join(root, 'x'))).toBe(true);
  });

  test('whatever else is moved is moved as ever, errors and all', () => {
    const { kept, shell, root } = workspace();
    writeFileSync(join(root, 'x'), '1');
    expect(shell('mv x y && mv -v y z').stdout).toContain('z');
    mkdirSync(join(root, 'other/status'), { recursive: true });
    expect(shell(`mv z other/${FILE}`).status).toBe(0);
    expect(shell(`mv nothing ${FILE}`).status).not.toBe(0);
    symlinkSync('/etc/passwd', join(root, 'link'));
    shell(`mv link ${FILE}`);
    expect(kept()).toEqual([]);
  });
});

describe.skipIf(!hasJq)('jq and mv', () => {
  test('one tmp.json for all: what a shell edited is what its own mv moves', async () => {
    const { kept, root, env } = workspace();
    const writers = ['a', 'b', 'c', 'd'].map((name) => {
      const script = `for n in 1 2 3 4 5; do jq --arg k "${name}$n" '.instances[$k] = 1' ${FILE} > tmp.json && mv tmp.json ${FILE} && echo "${name}$n"; done`;
      const child = spawn('/bin/bash', ['-c', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] });
      let said = '';
      child.stdout.on('data', (text) => {
        said += text;
      });
      return new Promise<string[]>((done) => child.once('close', () => done(said.split('\n').filter((line) => line !== ''))));
    });
    const acknowledged = (await Promise.all(writers)).flat();
    const versions = kept().map((text) => JSON.parse(text) as { instances: object });
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((key) => !versions.some(({ instances }) => Object.hasOwn(instances, key)))).toEqual([]);
  });

  test('one command in a shell of its own', () => {
    const { kept, root, env } = workspace();
    execFileSync('/bin/bash', ['-c', `jq '.x = 1' ${FILE} > tmp.json && mv tmp.json ${FILE}`], { cwd: root, env });
    expect(kept().map((text) => JSON.parse(text))).toEqual([{ instances: {}, x: 1 }]);
  });

  test('jq says what it always says', () => {
    const { shell } = workspace();
    expect(shell(`jq -c . ${FILE}`).stdout).toBe('{"instances":{}}\n');
    expect(shell(`jq -e .nothing ${FILE} > out`).status).toBe(1);
    expect(shell(`jq '.[' ${FILE} > out && mv out ${FILE}`).status).not.toBe(0);
    expect(shell(`jq -c . < ${FILE} > out; cat out`).stdout).toBe('{"instances":{}}\n');
  });
});
