/** Those who write: each a shell of its own that says `OK n` after every command that exited 0. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hold } from './lifeline.mjs';
import { BIN, env, statusFile } from './room.mjs';

const FILE = 'status/multi-instance-status.json';
const JQ = `jq -e --arg w "$W" --arg n "$n" '.instances[$w].updates[$n] = 1 | .instances[$w].currentTask = "update \\($n)"' ${FILE}`;

/** One update each; `$W` is the writer's name and `$n` the update's number. */
export const WAYS = {
  set: `"$NODE" "$BIN" status set "instances.$W.updates.$n" 1`,
  incr: `"$NODE" "$BIN" status set "instances.$W.updates.$n" 1 && "$NODE" "$BIN" status incr "instances.$W.sum"`,
  own: `${JQ} > ".tmp.$W" && mv ".tmp.$W" ${FILE}`,
  shared: `${JQ.replace(' -e', '')} > tmp.json && mv tmp.json ${FILE}`,
};

/** @param way a key of WAYS; `shim`: the session's PATH, where coordtui's own programs come first */
export function startWriter(dir, { name, way, count, pauseS = 0, delayS = 0, shim = false, cwd = dir }) {
  const pause = pauseS > 0 ? `sleep ${pauseS};` : '';
  const script = `sleep ${delayS}; n=1; while [ $n -le ${count} ]; do { ${WAYS[way]}; } >/dev/null 2>>"$ERRORS" && echo "OK $n"; n=$((n + 1)); ${pause} done`;
  const path = shim ? `${join(dir, 'status/.coordtui/bin')}:${env.PATH}` : env.PATH;
  const child = spawn('/bin/bash', ['-c', script], {
    cwd,
    env: { ...env, PATH: path, W: name, NODE: process.execPath, BIN, ERRORS: join(dir, '.errors') },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const gone = hold('group', child.pid);
  const done = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line.startsWith('OK ')) done.push(line.slice(3));
  });
  const ended = new Promise((resolve) => child.once('close', resolve)).then(gone);
  return {
    name,
    done,
    ended,
    stop: () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
      return ended;
    },
  };
}

/** Reads the status file every 5 ms and counts what could not be parsed. */
export function startReader(dir) {
  const seen = { reads: 0, invalid: 0, missing: 0, sample: null };
  const timer = setInterval(() => {
    let text;
    try {
      text = readFileSync(statusFile(dir), 'utf8');
    } catch {
      seen.missing += 1;
      return;
    }
    seen.reads += 1;
    try {
      JSON.parse(text);
    } catch {
      seen.invalid += 1;
      seen.sample ??= text.slice(0, 80);
    }
  }, 5);
  return { seen, stop: () => clearInterval(timer) };
}
