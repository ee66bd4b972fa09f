/** What a scripted agent can do to the world: files, git, the status document, and the verbs of `coordtui`. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './voice.ts';
import type { World } from './world.ts';

const NO_ROOM = 69;
const RETRIES = 40;
const RETRY_MS = 250;

/** Runs a program to its end, what it prints on our own terminal. */
export function run(command: readonly string[], options: SpawnOptions = {}): Promise<number> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ? 128 : (code ?? 1)));
  });
}

/** A verb of `coordtui`, shown as a person would have typed it; tried again while there is no room to talk to. */
export async function coordtui(world: World, args: readonly string[]): Promise<void> {
  say(`coordtui ${args.map((arg) => (/[^\w./-]/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`, 'blue', '$');
  for (let attempt = 1; ; attempt++) {
    const code = await run([...world.coordtui, ...args]);
    if (code === 0) return;
    if (code !== NO_ROOM || attempt === RETRIES) throw new Error(`coordtui ${args[0]} ended with ${code}`);
    await sleep(RETRY_MS);
  }
}

/** Copies the files of a piece of work, those that differ; answers all that belong to it. */
export function applyWork(work: string, wanted: (file: string) => boolean): string[] {
  const files = readdirSync(work, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(work, path.join(entry.parentPath, entry.name)))
    .filter(wanted)
    .sort();
  for (const file of files) {
    const from = path.join(work, file);
    const same = existsSync(file) && readFileSync(file).equals(readFileSync(from));
    if (!same) {
      mkdirSync(path.dirname(file), { recursive: true });
      copyFileSync(from, file);
    }
    say(`${same ? 'is there already: ' : 'wrote '}${file}`, 'green', '+');
  }
  return files;
}

export function editFile(file: string, find: string, replace: string): void {
  const text = readFileSync(file, 'utf8');
  if (text.includes(find)) {
    writeFileSync(
      file,
      text.replace(find, () => replace),
    );
    say(`changed ${file}`, 'green', '~');
  } else if (text.includes(replace)) say(`is changed already: ${file}`, 'green', '~');
  else throw new Error(`${file} does not hold what was to be changed`);
}

/** `of-instance-4.test.js` for instance-4-mobile: whole in one step, since others wait for it to be there. */
export function writeTest(folder: string, instance: string): string {
  const name = /^instance-\d+/.exec(instance)?.[0] ?? instance;
  const file = path.join(folder, `of-${name}.test.js`);
  const text = `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n\ntest('${name} was here', () => assert.ok(true));\n`;
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
  say(`wrote ${file}`, 'green', '+');
  return file;
}

/** A real commit under the instance's own name; nothing when nothing of these files is new. */
export async function commit(world: World, touched: readonly string[], message: string): Promise<void> {
  const files: string[] = [];
  // A file that is gone and was never git's is nothing that git would take.
  for (const file of touched) {
    if (existsSync(file) || (await run(['git', 'ls-files', '--error-unmatch', '--', file], { stdio: 'ignore' })) === 0) files.push(file);
  }
  if (files.length === 0) return;
  const who = ['-c', `user.name=${world.instance}`, '-c', `user.email=${world.instance}@rehearsal.invalid`, '-c', 'commit.gpgsign=false'];
  for (let attempt = 1; ; attempt++) {
    const added = await run(['git', 'add', '--', ...files]);
    if (added === 0 && (await run(['git', 'diff', '--cached', '--quiet', '--', ...files])) === 0) {
      say('everything is committed already', 'dim');
      return;
    }
    if (added === 0 && (await run(['git', ...who, 'commit', '--quiet', '-m', message, '--', ...files])) === 0) break;
    // The other agent works in the same repository: git's own lock may be taken.
    if (attempt === RETRIES) throw new Error(`git would not commit "${message}"`);
    await sleep(RETRY_MS);
  }
  say(`committed: ${message}`, 'green', '✓');
}

/** The way the protocol documents: jq into a second file, and that moved over the first. */
export async function setStatus(world: World, field: string, value: string): Promise<void> {
  const program = `.instances[${JSON.stringify(world.instance)}][${JSON.stringify(field)}] = $value`;
  const line = `jq --arg value "$1" '${program}' "$COORDTUI_STATUS_FILE" > tmp.json && mv tmp.json "$COORDTUI_STATUS_FILE"`;
  say(line.replace('"$1"', JSON.stringify(value)), 'blue', '$');
  for (let attempt = 1; attempt <= RETRIES; attempt++) {
    const withJq = (await run(['/bin/sh', '-c', 'command -v jq'], { stdio: 'ignore' })) === 0;
    if (withJq ? (await run(['/bin/sh', '-c', line, 'sh', value])) === 0 : setByHand(world, field, value)) return;
    await sleep(RETRY_MS);
  }
  throw new Error(`the status file could not be changed: ${world.statusFile}`);
}

/** The same two steps where jq is not installed. False: the file was just being replaced. */
function setByHand(world: World, field: string, value: string): boolean {
  try {
    const document = JSON.parse(readFileSync(world.statusFile, 'utf8'));
    document.instances[world.instance][field] = value;
    writeFileSync('tmp.json', JSON.stringify(document, null, 2));
    renameSync('tmp.json', world.statusFile);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
