/** The completion scripts as a person has them: taken in by a real shell at a terminal, which is asked by the tabulator. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BIN } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { BACKEND, type Drill, FRONTEND, openDrill } from './drill.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const SHELLS = [
  { shell: 'bash', args: ['--norc', '--noprofile', '-i'], take: 'eval "$(coordtui completion bash)"' },
  { shell: 'zsh', args: ['-f', '-i'], take: 'eval "$(coordtui completion zsh)"' },
  { shell: 'fish', args: ['--no-config', '-i'], take: 'coordtui completion fish | source' },
] as const;
const isHere = (shell: string) => spawnSync(shell, ['--version']).error === undefined;

/** What a terminal shows, without what only moves and colours. */
const plainly = (bytes: string) =>
  bytes.replaceAll(/\x1b(?:\[[0-9;?<>=]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])/gu, '').replaceAll(/[\r\n]+/gu, '\n');

describe.each(SHELLS)('INTERFACE: completion in a real $shell', ({ shell, args, take }) => {
  let drill: Drill;
  let path = '';
  let handoff = '';
  beforeAll(async () => {
    if (!isHere(shell)) return;
    drill = await openDrill(`completion-${shell}`);
    await drill.open();
    await drill.agents();
    handoff = await drill.assign(BACKEND);
    const bin = join(drill.base, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'coordtui'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    chmodSync(join(bin, 'coordtui'), 0o755);
    path = `${bin}:${process.env.PATH ?? ''}`;
  });
  afterAll(() => drill?.close());

  it.skipIf(!isHere(shell))('completes verbs, options, values, and the instances and handoffs of this workspace', async () => {
    const env = { HOME: drill.base, PATH: path, TERM: 'xterm', LANG: 'C.UTF-8', TMPDIR: process.env.TMPDIR ?? '/tmp' };
    const pty = spawn(shell, [...args], { cwd: drill.workspace, env, cols: 200, rows: 50 });
    const ended = new Promise<void>((done) => pty.onExit(() => done()));
    let seen = '';
    let last = '';
    pty.onData((bytes) => {
      seen += bytes;
      last += bytes;
      // fish asks its terminal what it is, perhaps in two pieces, and waits for the answer.
      if (last.includes('\x1b[c')) pty.write('\x1b[?62c');
      last = last.slice(-2);
    });
    /** The line as it stands after the tabulator; then it is given up. */
    const expectLine = async (typed: string, completed: string) => {
      seen = '';
      pty.write(`${typed}\t`);
      await until(`${shell} to make of "${typed}": ${completed}`, () => plainly(seen).includes(completed)).catch((error: Error) => {
        throw new Error(`${error.message}\n${JSON.stringify(seen)}`);
      });
      seen = '';
      pty.write('\x15');
    };
    try {
      pty.write(`${take}; echo taken-$((6*7))\r`.replace('$((6*7))', shell === 'fish' ? '(math 6 x 7)' : '$((6*7))'));
      await until(`${shell} to have taken the script`, () => seen.includes('taken-42')).catch((error: Error) => {
        throw new Error(`${error.message}\n${JSON.stringify(seen)}`);
      });
      expect(plainly(seen)).not.toMatch(/error|not found|Unknown/u);
      await expectLine('coordtui appr', 'coordtui approve');
      await expectLine('coordtui debug fin', 'coordtui debug finding');
      await expectLine('coordtui assign --prio', 'coordtui assign --priority');
      await expectLine('coordtui assign --priority cri', 'coordtui assign --priority critical');
      await expectLine('coordtui assign instance-1', `coordtui assign ${BACKEND}`);
      await expectLine(`coordtui assign ${BACKEND} --then instance-2`, `coordtui assign ${BACKEND} --then ${FRONTEND}`);
      await expectLine('coordtui explain h', `coordtui explain ${handoff}`);
      await expectLine('coordtui handoffs hold h', `coordtui handoffs hold ${handoff}`);
      await expectLine(`coordtui assign ${BACKEND} --file src/sh`, `--file src/shop.js`);
    } finally {
      pty.kill('SIGKILL');
      await ended;
    }
  });
});
