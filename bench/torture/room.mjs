/** A room as an outsider sees it: started, killed, started again; what it acknowledges is read from its output line by line. */
import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hold } from './lifeline.mjs';

export const BIN = fileURLToPath(new URL('../../bin/coordtui.js', import.meta.url));
const PATIENCE_MS = 60_000;

/** Nothing of a room that this was started under, and no question whether a terminal is there. */
export const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COORDTUI_'))),
  COORDTUI_OPERATOR: 'headless',
};

export function statusFile(dir) {
  return join(dir, 'status', 'multi-instance-status.json');
}

/** A fresh workspace by its real path; removed by `done`, left for whoever looks into it by `keep`. */
export function workspace(below = tmpdir()) {
  mkdirSync(below, { recursive: true });
  const dir = realpathSync(mkdtempSync(join(below, 'ct-tort-')));
  const keep = hold('folder', dir);
  const done = () => {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    keep();
  };
  return { dir, done, keep };
}

/** Waits for a condition; answers what it says, or null when the patience is over. */
export async function until(look, patienceMs = PATIENCE_MS, everyMs = 10) {
  const end = performance.now() + patienceMs;
  for (;;) {
    const answer = await look();
    if (answer) return answer;
    if (performance.now() > end) return null;
    await sleep(everyMs);
  }
}

export function readStatus(dir) {
  try {
    // A link may lead anywhere, also to where reading never ends.
    if (!lstatSync(statusFile(dir)).isFile()) return null;
    const document = JSON.parse(readFileSync(statusFile(dir), 'utf8'));
    return typeof document === 'object' && document !== null && !Array.isArray(document) ? document : null;
  } catch {
    // Not there, or not whole: the callers count that.
    return null;
  }
}

/** @param acks the last value acknowledged for each dotted path, over all lives of the room */
export function openRoom(dir, { acks = new Map(), before = [], extra = {} } = {}) {
  let child = null;
  let printed = '';
  let count = 0;

  function hear(text, rest) {
    const lines = (rest + text).split('\n');
    const open = lines.pop();
    for (const line of lines) {
      const match = /^ACK (\S+) (.*)$/.exec(line);
      if (match === null) continue;
      acks.set(match[1], JSON.parse(match[2]));
      count += 1;
    }
    return open;
  }

  async function start(patienceMs = PATIENCE_MS) {
    printed = '';
    const [command, ...args] = [...before, process.execPath, BIN, 'serve', '--foreground', '--trace', 'acks'];
    const mine = spawn(command, args, { cwd: dir, env: { ...env, ...extra }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    child = mine;
    const gone = hold('group', mine.pid);
    let rest = '';
    mine.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
      rest = hear(text, rest);
    });
    mine.stderr.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
    mine.ended = new Promise((done) =>
      mine.once('close', (code, signal) => {
        gone();
        done(signal ?? code);
      }),
    );
    const ready = await until(() => / is open at /.test(printed) || mine.exitCode !== null || mine.signalCode !== null, patienceMs);
    return ready && / is open at /.test(printed);
  }

  /** The room's own process; below a tracer it is not the one that was spawned. */
  function pid() {
    return Number(/\(pid (\d+)\)/.exec(printed)?.[1] ?? child?.pid);
  }

  async function end(signal = 'SIGKILL') {
    if (child === null) return null;
    if (child.exitCode === null && child.signalCode === null) {
      try {
        process.kill(pid(), signal);
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
    const how = await Promise.race([child.ended, sleep(15_000, 'hung', { ref: false })]);
    if (how === 'hung') {
      process.kill(-child.pid, 'SIGKILL');
      await child.ended;
    }
    child = null;
    return how;
  }

  return { start, end, pid, acks, child: () => child, output: () => printed, acked: () => count };
}

export function at(document, path) {
  let here = document;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** Which of the room's own acknowledged updates the document does not show. */
export function lostAcks(document, acks) {
  return [...acks].filter(([path, value]) => JSON.stringify(at(document, path.split('.')) ?? null) !== JSON.stringify(value));
}
