// Tries every verb that it is given, through the program's own entries and over the wire, and writes down what it was told.
// Started by tests from inside sessions and checks, by every trick: node prober.mjs CASES OUT
// Where OUT.from names a process, it waits until that is no ancestor any more: who has got away has got away by then.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [, , casesFile, out] = process.argv;
const { root, socket, protocol, typed, asked } = JSON.parse(readFileSync(casesFile, 'utf8'));
const lines = [];

async function main() {
  if (existsSync(`${out}.from`)) {
    const from = Number(readFileSync(`${out}.from`, 'utf8'));
    while (ancestors().includes(from)) await sleep(20);
  }
  await overTheWire();
  await typedIn();
}

function ancestors() {
  const found = [];
  for (let pid = process.ppid; pid > 0; ) {
    found.push(pid);
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      // It ended just now: whoever is above us is so by another way.
      return ancestors();
    }
  }
  return found;
}

/** The program's own entries, in this process: what they see of it is what any process started by it would show. */
async function typedIn() {
  const cli = await import(`${root}/dist/cli.js`);
  const { loadCompiled } = await import(`${root}/bin/compiled.js`);
  const room = await loadCompiled(new URL(`file://${root}/dist/room.script.js`), join(tmpdir(), 'ct-compiled'));
  const [stdout, stderr] = [process.stdout.write, process.stderr.write];
  for (const argv of typed) {
    process.stdout.write = () => true;
    process.stderr.write = () => true;
    const entry = argv.includes('--foreground') ? room : cli;
    const code = await entry.main(argv).catch((error) => `threw ${error.message}`);
    process.stdout.write = stdout;
    process.stderr.write = stderr;
    lines.push(`${argv.filter((word) => word !== '--workspace').join(' ')} → ${code}`);
  }
}

function overTheWire() {
  return new Promise((resolve, reject) => {
    const client = connect(socket);
    let text = '';
    client.on('error', reject);
    client.on('close', resolve);
    client.on('data', (chunk) => {
      text += chunk;
      const said = text.split('\n');
      if (said.length <= asked.length + 1) return;
      for (const line of said.slice(0, -1)) {
        const answer = JSON.parse(line);
        if (answer.authority !== undefined) lines.push(`welcome → ${answer.authority}`);
        else lines.push(`wire ${JSON.stringify(asked[answer.id])} → ${answer.code ?? 'done'}`);
      }
      client.destroy();
    });
    client.write(`${JSON.stringify({ coordtui: protocol, version: '0', mode: 'lines' })}\n`);
    for (const [id, { verb, args }] of asked.entries()) client.write(`${JSON.stringify({ id, verb, args })}\n`);
  });
}

main()
  .catch((error) => lines.push(`failed → ${error.stack}`))
  .finally(() => {
    writeFileSync(`${out}.part`, `${lines.join('\n')}\n`);
    renameSync(`${out}.part`, out);
    process.exit(0);
  });
