// Runs the tests and closes with one line that people and CI read: `N passed, N failed, N skipped`.
// Counted from the runner's own JSON after it has ended, so that nothing can be printed behind it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnv } from './npm.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Tests must not see the room, or the npm, that they were started under. */
function testEnv() {
  return Object.fromEntries(Object.entries(cleanEnv(process.env)).filter(([name]) => !name.startsWith('COORDTUI_')));
}

function count(file) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    // A file that could not be loaded holds no test, and is a failure all the same.
    const broken = testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
    );
    return { passed: numPassedTests, failed: numFailedTests + broken.length, skipped: numPendingTests + numTodoTests };
  } catch {
    // The runner ended before it could write: its exit code says the rest.
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'coordtui-tests-'));
const report = join(scratch, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const runner = join(root, 'node_modules/vitest/vitest.mjs');
const child = spawn(process.execPath, [runner, 'run', ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  env: testEnv(),
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to both; a plain kill reaches only us.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => {
  const { passed, failed, skipped } = count(report);
  rmSync(scratch, { recursive: true, force: true });
  process.exitCode = code ?? 1;
  const unnamed = process.exitCode !== 0 && failed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed + unnamed} failed, ${skipped} skipped`);
});
