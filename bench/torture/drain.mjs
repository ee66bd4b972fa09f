/** What has gathered while no room ran: updates in the inbox, versions that the shim kept. How long until a reader sees all of it. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, openRoom, readStatus, until, workspace } from './room.mjs';

const WRITERS = 8;

const updateOf = (n) => ['instances', `w${n % WRITERS}`, 'updates', String(n)];

function dropAll(dir, count) {
  const inbox = join(dir, 'status/.coordtui/inbox/new');
  mkdirSync(inbox, { recursive: true });
  for (let n = 0; n < count; n++) {
    const drop = { v: 1, op: 'set', path: updateOf(n), value: 1, by: `w${n % WRITERS}`, ifRevision: null };
    writeFileSync(join(inbox, `${String(1e12 + n).padStart(14, '0')}-1-${n}`), `${JSON.stringify(drop)}\n`);
  }
}

/** Each version made from the one before it, as agents do that read, edit and move one after the other. */
function linkAll(dir, count) {
  const links = join(dir, 'status/.coordtui/links');
  mkdirSync(links, { recursive: true });
  const document = readStatus(dir);
  for (let n = 0; n < count; n++) {
    const [, writer, , key] = updateOf(n);
    document.instances[writer] = { ...document.instances[writer], updates: { ...document.instances[writer]?.updates, [key]: 1 } };
    writeFileSync(join(links, `${1e15 + n}-1`), JSON.stringify(document, null, 2));
  }
}

async function one(what, put, count) {
  const { dir, done } = workspace();
  const room = openRoom(dir);
  const problems = [];
  if (!(await room.start())) problems.push(`the room did not start: ${room.output()}`);
  await until(() => readStatus(dir) !== null);
  await room.end('SIGKILL');
  put(dir, count);
  const began = performance.now();
  if (!(await room.start())) problems.push(`the room did not start again: ${room.output()}`);
  const opened = performance.now() - began;
  const missing = () => {
    const document = readStatus(dir);
    return Array.from({ length: count }, (_, n) => updateOf(n)).filter((path) => at(document, path) !== 1).length;
  };
  await until(() => missing() === 0, 60_000, 20);
  const seen = performance.now() - began;
  if (missing() > 0) problems.push(`${missing()} of ${count} ${what} are not in the file`);
  const left = () => ['inbox/new', 'links'].flatMap((name) => readdirSync(join(dir, 'status/.coordtui', name))).length;
  if ((await until(() => left() === 0, 10_000)) === null) problems.push(`${left()} files of ${what} were left lying`);
  await room.end('SIGTERM');
  done();
  return { told: `${count} ${what}: open after ${opened.toFixed(0)} ms, all in the file after ${seen.toFixed(0)} ms`, problems };
}

export async function drain({ count: drops }) {
  // A version that was kept is a whole document: dearer than a drop.
  const links = Math.ceil((drops * 3) / 8);
  const [inbox, kept] = [await one('drops', dropAll, drops), await one('kept versions', linkAll, links)];
  return { told: `${inbox.told}; ${kept.told}`, problems: [...inbox.problems, ...kept.problems] };
}
