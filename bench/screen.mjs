/**
 * What the screen costs: `npm run bench`. Times are medians of runs interleaved with `node -e 0`, echo is compared with
 * tmux in the same run: figures of two machines, or of two hours of one machine, cannot be compared, ratios can.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node-pty';

const BIN = fileURLToPath(new URL('../bin/coordtui.js', import.meta.url));
const ROUNDS = Number(process.env.ROUNDS ?? 9);
const KEYS = Number(process.env.KEYS ?? 150);
const SIZE = { cols: 118, rows: 40 };
const env = { ...process.env, TERM: 'xterm-256color' };
const open = new Set();

const work = mkdtempSync(join(tmpdir(), 'ct-bench-'));
const lockFile = join(work, 'status/.coordtui/lock');
writeFileSync(
  join(work, 'coordtui.yaml'),
  `instances:
  - { id: instance-1-planning-backend, role: backend, command: [cat], restart: never }
  - { id: instance-2-frontend, role: frontend, command: [sh], restart: never, env: { PS1: '$ ' } }
  - { id: instance-3-coordinator, role: coordinator }
coordination: { monitorIntervalMs: 3600000, autopilot: suggest }
`,
);
execFileSync('git', ['init', '--quiet'], { cwd: work });

function terminal(program, args) {
  const pty = spawn(program, args, { cwd: work, env, ...SIZE });
  const self = { pty, text: '', born: performance.now(), ended: false, watch: () => {} };
  pty.onData((data) => {
    self.text += data;
    if (self.text.length > 4_000_000) self.text = self.text.slice(-1_000_000);
    self.watch(data);
  });
  pty.onExit(() => {
    self.ended = true;
    open.delete(self);
  });
  open.add(self);
  return self;
}

async function until(what, look, ms = 30_000) {
  const end = performance.now() + ms;
  for (;;) {
    const answer = look();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((next) => setImmediate(next));
  }
}

const sorted = (values) => [...values].sort((a, b) => a - b);
const at = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
const median = (values) => at(values, 0.5);
const ms = (value) => `${value.toFixed(1)} ms`;

function stop() {
  spawnSync(process.execPath, [BIN, 'stop', '--yes'], { cwd: work, env, stdio: 'ignore' });
}

async function leave(screen) {
  screen.pty.write('q');
  await until('the screen to be left', () => screen.ended);
}

async function starts() {
  const times = { node: [], skeleton: [], chrome: [], attach: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    spawnSync(process.execPath, ['-e', '0']);
    times.node.push(performance.now() - begun);
    for (const kind of ['chrome', 'attach']) {
      const screen = terminal(process.execPath, [BIN]);
      await until('the first byte of the frame', () => screen.text.includes('coordtui'));
      if (kind === 'chrome') times.skeleton.push(performance.now() - screen.born);
      await until('the whole frame', () => screen.text.includes('CONTROL') && screen.text.includes('handoffs'));
      times[kind].push(performance.now() - screen.born);
      await leave(screen);
    }
    stop();
  }
  const node = median(times.node);
  console.log(`node -e 0                 ${ms(node)}`);
  for (const [kind, label] of [
    ['skeleton', 'first byte of the frame  '],
    ['chrome', 'whole screen, new room   '],
    ['attach', 'whole screen, attached   '],
  ])
    console.log(`${label} ${ms(median(times[kind]))}   ${(median(times[kind]) / node).toFixed(2)} × node -e 0`);
}

/** Milliseconds from a key to its echo; each key another letter, so that no old one is taken for its echo. */
async function echoes(screen) {
  const times = [];
  for (let key = 0; key < KEYS; key++) {
    const letter = String.fromCharCode(0x61 + (key % 26));
    let seen = 0;
    const begun = performance.now();
    screen.watch = (data) => {
      if (seen === 0 && data.includes(letter)) seen = performance.now();
    };
    screen.pty.write(letter);
    await until('an echo', () => seen > 0);
    times.push(seen - begun);
    if (key % 26 === 25) screen.pty.write('\r');
    await new Promise((next) => setTimeout(next, 12));
  }
  screen.watch = () => {};
  return `p50 ${ms(at(times, 0.5))}   p95 ${ms(at(times, 0.95))}`;
}

function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
const rssOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

async function running() {
  const screen = terminal(process.execPath, [BIN]);
  await until('the screen', () => screen.text.includes('CONTROL') && screen.text.includes('handoffs'));
  const room = JSON.parse(readFileSync(lockFile, 'utf8')).pid;
  await new Promise((next) => setTimeout(next, 3_000));
  const before = [cpuOf(room), cpuOf(screen.pty.pid)];
  const bytes = screen.text.length;
  await new Promise((next) => setTimeout(next, 20_000));
  const share = (pid, from) => `${((cpuOf(pid) - from) / 200).toFixed(2)} %`;
  console.log(
    `idle for 20 s: room ${share(room, before[0])} of a CPU, client ${share(screen.pty.pid, before[1])}, ${screen.text.length - bytes} bytes written`,
  );
  console.log(`memory: room ${rssOf(room).toFixed(0)} MB, client ${rssOf(screen.pty.pid).toFixed(0)} MB`);

  screen.pty.write('1\r');
  await until('the keys to be the pane’s', () => screen.text.includes('TYPING'));
  console.log(`echo, idle:       coordtui ${await echoes(screen)}`);
  const socket = `ct-bench-${process.pid}`;
  const tmux = (...args) => spawnSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { cwd: work, env });
  const present = tmux('-V').status === 0;
  let other = null;
  if (present) {
    other = terminal('tmux', ['-L', socket, '-f', '/dev/null', 'new-session', 'cat']);
    await until('tmux', () => other.text.includes('[0]'));
    console.log(`                  tmux     ${await echoes(other)}`);
  }
  // One flood of each is in its second pane: letters of it are none that are typed.
  screen.pty.write('\x1d');
  await new Promise((next) => setTimeout(next, 100));
  screen.pty.write('2\r');
  await new Promise((next) => setTimeout(next, 200));
  screen.pty.write('yes 0123456789 & yes 9876543210\r');
  await until('the flood', () => screen.text.includes('876543210'));
  screen.pty.write('\x1d');
  await new Promise((next) => setTimeout(next, 100));
  screen.pty.write('1\r');
  await new Promise((next) => setTimeout(next, 300));
  console.log(`echo, two floods: coordtui ${await echoes(screen)}`);
  console.log(`memory under them: room ${rssOf(room).toFixed(0)} MB, client ${rssOf(screen.pty.pid).toFixed(0)} MB`);
  screen.pty.write('\x1d');
  await new Promise((next) => setTimeout(next, 100));
  await leave(screen);
  stop();
  if (other !== null) {
    tmux('split-window', '-h', '-d', 'yes 0123456789 & yes 9876543210');
    await until('the flood', () => other.text.includes('876543210'));
    console.log(`                  tmux     ${await echoes(other)}`);
    tmux('kill-server');
  }
}

try {
  await starts();
  await running();
} finally {
  stop();
  for (const { pty } of open) pty.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
}
