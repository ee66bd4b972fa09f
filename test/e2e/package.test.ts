import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyCheckout, packageVersion, runIn } from '../support/checkout.ts';
import { PROJECT_ROOT, scratch } from '../support/rooms.ts';

/** npm may have to fetch packages, over any network. */
const NETWORK_MS = 600_000;

const hasCli = existsSync(join(PROJECT_ROOT, 'src/cli/main.ts'));
/** As a user's machine would be, whatever this one's settings are. */
const QUIET = {
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  npm_config_loglevel: 'error',
  npm_config_prefer_offline: 'true',
};

let base: string;
beforeAll(() => {
  base = scratch('package');
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function made(name: string): string {
  const folder = join(base, name);
  mkdirSync(folder);
  return folder;
}

/** The installed command, started as a user would: from elsewhere, by the link on the PATH. */
function installed(prefix: string, ...args: string[]) {
  const { status, stdout, stderr } = runIn('/', [join(prefix, 'bin/coordtui'), ...args]);
  return { status, stdout, stderr };
}

function expectWorking(prefix: string): void {
  expect(installed(prefix, '--version')).toEqual({ status: 0, stdout: `${packageVersion()}\n`, stderr: '' });
  const help = installed(prefix, '--help');
  expect(help.status).toBe(0);
  expect(help.stdout).toMatch(/rehearse/);
}

describe('the packed file', () => {
  let folder: string;
  let tarball: string;
  let listed: string[];

  beforeAll(() => {
    folder = copyCheckout(made('checkout'), 'linked');
    const { status, stdout, stderr } = runIn(folder, ['npm', 'pack', '--json'], QUIET);
    expect(status, stderr).toBe(0);
    // Whatever prepare says goes to stderr: stdout is JSON alone.
    const [packed] = JSON.parse(stdout);
    tarball = join(folder, packed.filename);
    listed = packed.files.map(({ path }: { path: string }) => path);
  }, NETWORK_MS);

  test('holds the program and nothing of the workshop', () => {
    expect(listed).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'bin/coordtui.js', 'dist/licences.txt', 'dist/stamp.json']));
    const allowed = /^(package\.json|LICENSE|README\.md|bin\/(coordtui|compiled)\.js|dist\/.+|templates\/.+\.md|status\/README\.md)$/;
    expect(listed.filter((path) => !allowed.test(path))).toEqual([]);
    expect(listed.filter((path) => path.endsWith('.map') || path.includes('/.new-'))).toEqual([]);
    const built: string[] = JSON.parse(readFileSync(join(folder, 'dist/stamp.json'), 'utf8')).files;
    expect(built.filter((file) => !file.endsWith('.map') && file !== 'picture.js' && !listed.includes(`dist/${file}`))).toEqual([]);
    for (const template of existsSync(join(PROJECT_ROOT, 'templates')) ? readdirSync(join(PROJECT_ROOT, 'templates')) : []) {
      expect(listed).toContain(`templates/${template}`);
    }
  });

  test.skipIf(!hasCli)(
    'becomes a working command by npm install -g, with install scripts off',
    () => {
      const prefix = made('prefix');
      const { status, stderr } = runIn(base, ['npm', 'install', '-g', '--ignore-scripts', '--prefix', prefix, tarball], QUIET);
      expect(status, stderr).toBe(0);
      expectWorking(prefix);
      // The two native packages have to load from there, without their install scripts.
      const load = "const r = require('node:module').createRequire(process.argv[1] + '/'); r('node-pty'); r('koffi').load(null);";
      const native = runIn('/', [execPath, '-e', load, join(prefix, 'lib/node_modules/coordtui')]);
      expect(native.status, native.stderr).toBe(0);
    },
    NETWORK_MS,
  );
});

describe('a checkout without its packages', () => {
  test.skipIf(!hasCli)(
    'becomes a working command by npm install -g ., in a production environment too',
    () => {
      const folder = copyCheckout(made('clone'), 'none');
      const prefix = made('link-prefix');
      const { status, stderr } = runIn(folder, ['npm', 'install', '-g', '--prefix', prefix, '.'], { ...QUIET, NODE_ENV: 'production' });
      expect(status, stderr).toBe(0);
      expectWorking(prefix);
    },
    NETWORK_MS,
  );
});
