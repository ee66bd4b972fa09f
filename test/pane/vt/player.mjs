/**
 * Sits in another terminal (tmux or xterm), plays the corpus to it and writes down what it made of it. Not part of the
 * tests: `record.sh` runs it.
 * usage: player.mjs CASES.json OUT.json tmux SOCKET | xterm PRINTED
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [cases, out, kind, where] = process.argv.slice(2);
process.stdin.setRawMode(true);
// Node leaves line ends to the terminal.
spawnSync('stty', ['-opost'], { stdio: 'inherit' });
let heard = '';
process.stdin.on('data', (bytes) => {
  heard += bytes.toString('latin1');
});

async function ask(question, answer) {
  heard = '';
  process.stdout.write(question);
  for (;;) {
    const found = answer.exec(heard);
    if (found !== null) return found;
    await sleep(1);
  }
}

async function printed() {
  for (let last = -1; ; ) {
    await sleep(40);
    const size = existsSync(where) ? readFileSync(where).length : -1;
    if (size > 0 && size === last) break;
    last = size;
  }
  const text = readFileSync(where, 'utf8');
  rmSync(where);
  // It says the size of each line, ends it with a carriage return, and has a filler for the right halves of wide characters.
  return text.replace(/\f|\r|\uffff|\x1b#5/g, '').split('\n');
}

const seen = {};
for (const [name, bytes] of Object.entries(JSON.parse(readFileSync(cases, 'utf8')))) {
  await ask('\x18\x1b[?1049l\x1b[?47l\x1bc\x1b[5n', /\x1b\[0n/);
  process.stdout.write(bytes);
  const [, row, column] = await ask('\x18\x1b[6n', /\x1b\[(\d+);(\d+)R/);
  let lines;
  let cursor = `${column - 1},${row - 1}`;
  if (kind === 'tmux') {
    const tmux = (...args) => spawnSync('tmux', ['-S', where, ...args], { encoding: 'utf8' }).stdout;
    cursor = tmux('display-message', '-p', '-t', process.env.TMUX_PANE, '#{cursor_x},#{cursor_y}').trim();
    lines = tmux('capture-pane', '-p', '-e', '-N', '-t', process.env.TMUX_PANE).split('\n');
  } else {
    // The whole screen, also within margins.
    process.stdout.write('\x1b[?19h\x1b[0i');
    lines = await printed();
  }
  seen[name] = { cursor, lines: lines.slice(0, 8) };
}
writeFileSync(`${out}.part`, JSON.stringify(seen));
renameSync(`${out}.part`, out);
process.exit(0);
