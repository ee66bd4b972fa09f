/** Status files as nobody should leave them: the room lives, restores its own within a second, and says what was wrong. */
import { spawnSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { at, openRoom, readStatus, statusFile, until, workspace } from './room.mjs';

const deep = (levels, open, close) => open.repeat(levels) + close.repeat(levels);
const valid = (file) => readFileSync(file, 'utf8');
const bytesOf = (length, random) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

/** What the draft beside the file holds before it is moved over it; a function of the file that lies there. */
const CONTENTS = {
  empty: () => '',
  blank: () => '  \n\n',
  truncated: (file, random) => valid(file).slice(0, -1 - Math.floor(random() * 400)),
  'half a line': (file) => valid(file).replace(/"instances"[\s\S]*/, '"inst'),
  'an extra brace': (file) => `${valid(file)}}`,
  'a missing comma': (file) => valid(file).replace(',', ' '),
  'two documents': (file) => valid(file) + valid(file),
  'nested 5,000 deep': () => deep(5_000, '[', ']'),
  'objects 5,000 deep': () => `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  'two megabytes of text': () => `{"a":"${'x'.repeat(2_000_000)}`,
  'NUL bytes': (file) => valid(file).replaceAll('"STANDBY"', '"\0\0"'),
  'only NUL': () => Buffer.alloc(4_096),
  'byte order mark': (file) => `\ufeff${valid(file)}`,
  'UTF-16': (file) => Buffer.from(valid(file), 'utf16le'),
  'bad UTF-8': (file) => Buffer.concat([Buffer.from(valid(file).slice(0, 40)), Buffer.from([0xff, 0xc0, 0x80])]),
  'random bytes': (_, random) => bytesOf(2_000, random),
  'a list': () => '[1,2,3]',
  'a number': () => '42',
  null: () => 'null',
  'instances is a list': (file) => JSON.stringify({ ...JSON.parse(valid(file)), instances: [1] }),
  'instances is text': (file) => JSON.stringify({ ...JSON.parse(valid(file)), instances: 'gone' }),
  'an instance is a number': (file) => JSON.stringify({ ...JSON.parse(valid(file)), instances: { 'instance-2-frontend': 7 } }),
  'duplicate keys': (file) => valid(file).replace('{', '{"revision":1,"revision":99999999,"instances":{},'),
  __proto__: (file) => valid(file).replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},'),
  'everything deleted': () => '{}',
  'escape codes': () => '{"instances": {"\u001b]0;x\u0007": \u001b[2J',
};

/** The room puts its own back within moments: whoever wants the place tries until it is his. */
const replaceWith = (file, make) => {
  for (;;) {
    rmSync(file, { recursive: true, force: true });
    try {
      make(file);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST' && error.code !== 'ENOTDIR') throw error;
    }
  }
};

function mkfifo(file) {
  if (spawnSync('mkfifo', [file]).status !== 0) throw Object.assign(new Error(`there is something at ${file}`), { code: 'EEXIST' });
}

/** What stands in the file's place that is no file. */
const THINGS = {
  'a directory': (file) => replaceWith(file, () => mkdirSync(join(file, 'in', 'it'), { recursive: true })),
  'a dangling link': (file) => replaceWith(file, () => symlinkSync('/nowhere/at/all', file)),
  'a link to /dev/zero': (file) => replaceWith(file, () => symlinkSync('/dev/zero', file)),
  'a link to itself': (file) => replaceWith(file, () => symlinkSync(file, file)),
  'a pipe': (file) => replaceWith(file, () => mkfifo(file)),
  'cut off in place': (file) => truncateSync(file, 10),
  'emptied in place': (file) => truncateSync(file, 0),
  gone: (file) => rmSync(file, { recursive: true, force: true }),
  'a second name': (file) => {
    linkSync(file, `${file}.hard`);
    writeFileSync(`${file}.hard`, 'nonsense');
    unlinkSync(`${file}.hard`);
  },
  '40 megabytes': (file) => {
    writeFileSync(`${file}.t`, '');
    truncateSync(`${file}.t`, 40_000_000);
    renameSync(`${file}.t`, file);
  },
};

/** A socket, put there by a rename as everything else. */
async function aSocket(file) {
  const server = createServer();
  await new Promise((listening) => server.listen(`${file}.o`, listening));
  if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory()) rmSync(file, { recursive: true, force: true });
  renameSync(`${file}.o`, file);
  return () => new Promise((closed) => server.close(closed));
}

function why(dir) {
  const folder = join(dir, 'status/.coordtui/quarantine');
  return readdirSync(folder).filter((name) => name.endsWith('.why')).length;
}

export async function broken({ count, random }) {
  const { dir, done, keep } = workspace();
  const room = openRoom(dir);
  const problems = [];
  if (!(await room.start())) return { told: '', problems: [`the room did not start: ${room.output()}`] };
  const file = statusFile(dir);
  await until(() => readStatus(dir)?.revision > 1);
  const canary = JSON.parse(valid(file));
  canary.instances['instance-2-frontend'].coordinationNotes = 'canary';
  writeFileSync(`${file}.t`, JSON.stringify(canary));
  renameSync(`${file}.t`, file);
  const whole = () => {
    const document = readStatus(dir);
    return typeof document?.storeId === 'string' && at(document, ['instances', 'instance-2-frontend', 'coordinationNotes']) === 'canary';
  };
  await until(() => whole() && readStatus(dir).revision > canary.revision);
  const kinds = [...Object.keys(CONTENTS), ...Object.keys(THINGS), 'a socket'];
  const times = [];
  let slowest = '';
  for (let index = 0; index < count && problems.length < 5; index++) {
    const kind = kinds[index % kinds.length];
    let after = () => {};
    if (kind === 'a socket') after = await aSocket(file);
    else if (Object.hasOwn(THINGS, kind)) THINGS[kind](file);
    else if (index % 2 === 0) writeFileSync(file, CONTENTS[kind](file, random));
    else {
      writeFileSync(`${file}.t`, CONTENTS[kind](file, random));
      renameSync(`${file}.t`, file);
    }
    const began = performance.now();
    const mended = await until(whole, 15_000, 2);
    times.push(performance.now() - began);
    if (times.at(-1) >= Math.max(...times)) slowest = kind;
    await after();
    if (!mended) problems.push(`"${kind}" was not mended: ${JSON.stringify(readStatus(dir))?.slice(0, 200)} (kept: ${dir})`);
    if (room.child().exitCode !== null || room.child().signalCode !== null) {
      problems.push(`the room ended at "${kind}": ${room.output().slice(-600)} (kept: ${dir})`);
      break;
    }
  }
  times.sort((a, b) => a - b);
  if (why(dir) === 0) problems.push('nothing says why it was refused');
  await room.end('SIGKILL');
  if (!(await room.start())) problems.push(`it did not start again: ${room.output().slice(-300)}`);
  await room.end('SIGTERM');
  if (problems.length === 0) done();
  else keep();
  const part = (share) => times[Math.floor((times.length - 1) * share)]?.toFixed(0);
  return {
    told: `${times.length} files of ${kinds.length} kinds, whole again after p50 ${part(0.5)}, p99 ${part(0.99)}, at most ${part(1)} ms (${slowest})`,
    problems,
  };
}
