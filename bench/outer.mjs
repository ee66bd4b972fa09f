/** The outer terminal of a measurement: types, takes the time of what it sees first, and counts what it is sent. */
import { readFileSync, writeSync } from 'node:fs';
import { spawn } from 'node-pty';

const PATIENCE_MS = 180_000;
const KEY_PATIENCE_MS = 3_000;

/** Letters of one cell that no flood, no chrome and no escape sequence holds; each is two bytes long. */
const LETTERS = [
  [0x3b1, 0x3c9],
  [0x410, 0x44f],
  [0x460, 0x481],
  [0x48a, 0x4ff],
  [0x531, 0x556],
].flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => Buffer.from(String.fromCodePoint(from + index))));

export const sleep = (ms) => new Promise((next) => setTimeout(next, ms));

const open = new Set();

/** Ends every terminal that is still open: for the way out after a mistake. */
export function closeAll() {
  for (const outer of open) outer.close();
}

/** @param {string} program @param {readonly string[]} args @param {{cwd: string, env: object, cols: number, rows: number}} options */
export function openOuter(program, args, options) {
  const pty = spawn(program, args, { ...options, encoding: null });
  const watchers = new Set();
  let last = Buffer.alloc(0);
  const self = {
    pid: pty.pid,
    born: performance.now(),
    bytes: 0,
    /** Frames in synchronized output: ours alone has any. */
    frames: 0,
    ended: false,
    type: (bytes) => writeSync(pty.fd, bytes),
    /** Milliseconds since `born` at which all of the texts had come. */
    async sees(...texts) {
      const missing = new Set(texts.map((text) => Buffer.from(text)));
      await self.watch((chunk) => {
        for (const text of missing) if (chunk.includes(text)) missing.delete(text);
        return missing.size === 0;
      }, `${texts}`);
      return performance.now() - self.born;
    },
    /** Resolves with the time at which `look` was content with a chunk (with the end of the one before it). */
    watch(look, what, patienceMs = PATIENCE_MS) {
      return new Promise((resolve, reject) => {
        const watcher = { look, resolve: (at) => done(() => resolve(at)) };
        const done = (then) => {
          clearTimeout(timer);
          watchers.delete(watcher);
          then();
        };
        const timer = setTimeout(
          () => done(() => reject(new Error(`${program} did not show ${what}: …${last.toString().slice(-300)}`))),
          patienceMs,
        );
        watchers.add(watcher);
        if (look(last)) watcher.resolve(performance.now());
      });
    },
    exit: () => new Promise((resolve) => (self.ended ? resolve() : pty.onExit(resolve))),
    close() {
      open.delete(self);
      if (!self.ended) pty.kill('SIGKILL');
    },
  };
  pty.onData((chunk) => {
    self.bytes += chunk.length;
    for (let at = chunk.indexOf('\x1b[?2026h'); at >= 0; at = chunk.indexOf('\x1b[?2026h', at + 8)) self.frames++;
    // A text may lie across two chunks.
    last = Buffer.concat([last.subarray(chunk.length > 4096 ? -256 : -4096), chunk]);
    if (watchers.size === 0) return;
    const now = performance.now();
    for (const watcher of watchers) if (watcher.look(last)) watcher.resolve(now);
  });
  pty.onExit(() => {
    self.ended = true;
    open.delete(self);
  });
  open.add(self);
  return self;
}

/** Milliseconds from a key to the first sight of its echo, `count` times; a key that is never echoed counts as its patience. */
export async function echoes(outer, count, from = 0) {
  const times = [];
  for (let key = 0; key < count; key++) {
    const letter = LETTERS[(from + key) % LETTERS.length];
    const seen = outer.watch((chunk) => chunk.includes(letter), letter, KEY_PATIENCE_MS).catch(() => performance.now());
    const begun = performance.now();
    outer.type(letter);
    times.push((await seen) - begun);
    if (key % 20 === 19) outer.type('\r');
    // Never in step with the frames.
    await sleep(15 + Math.random() * 25);
  }
  return times;
}

/** Types until something comes back: from then on the pane in focus has the keys. Answers how many letters it took. */
export async function awaken(outer) {
  for (let key = 0; key < 100; key++) {
    const letter = LETTERS.at(-1 - key);
    const seen = outer
      .watch((chunk) => chunk.includes(letter), 'an echo', 250)
      .then(
        () => true,
        () => false,
      );
    outer.type(letter);
    if (await seen) return;
  }
  throw new Error('no key is echoed');
}

/** CPU seconds that these processes have had. */
export function cpuOf(pids) {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}

/** Resident memory in MB. */
export function rssOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
