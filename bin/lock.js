// One at a time: a directory that appears by rename with its owner's name already inside.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** When a process began, in a form that a later process of the same number does not share; null where it cannot be told. */
function birth(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    // No such process, or a system without /proc: the signal test alone decides.
    return null;
  }
}

function isAlive(owner) {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  const now = birth(owner.pid);
  return owner.birth === null || now === null || now === owner.birth;
}

function readOwner(lock) {
  try {
    return JSON.parse(readFileSync(join(lock, 'owner.json'), 'utf8'));
  } catch {
    // Released between our two looks.
    return null;
  }
}

function tryTake(lock) {
  const draft = mkdtempSync(`${lock}-`);
  writeFileSync(join(draft, 'owner.json'), JSON.stringify({ pid: process.pid, birth: birth(process.pid) }));
  try {
    renameSync(draft, lock);
    return true;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Of several that find a dead owner only one wins the rename; the others look again. */
function clear(lock) {
  const grave = mkdtempSync(`${lock}-`);
  try {
    renameSync(lock, join(grave, 'dead'));
    const moved = readOwner(join(grave, 'dead'));
    // Somebody took the lock between our look and our rename: give it back.
    if (moved !== null && isAlive(moved)) renameSync(join(grave, 'dead'), lock);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  } finally {
    rmSync(grave, { recursive: true, force: true });
  }
}

/** In one move: removed file by file it would be an empty directory for a moment, and onto that the next owner's rename succeeds. */
function release(lock) {
  const grave = mkdtempSync(`${lock}-`);
  try {
    renameSync(lock, join(grave, 'done'));
  } catch (error) {
    // Somebody cleared the whole folder away meanwhile: nothing is held.
    if (error.code !== 'ENOENT') throw error;
  } finally {
    rmSync(grave, { recursive: true, force: true });
  }
}

/** Runs `work` while no other process holds `lock`; a lock whose owner is dead is taken over. `say` hears when there is something to wait for. */
export async function whileLocked(lock, work, say) {
  mkdirSync(dirname(lock), { recursive: true });
  for (let told = null; !tryTake(lock); ) {
    const owner = readOwner(lock);
    if (owner !== null && !isAlive(owner)) clear(lock);
    else await sleep(50);
    if (owner !== null && owner.pid !== told) say(`process ${owner.pid} is installing or building here already; waiting for it`);
    told = owner?.pid ?? told;
  }
  try {
    return await work();
  } finally {
    release(lock);
  }
}
