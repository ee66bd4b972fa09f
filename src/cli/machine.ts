/** The machine, for `coordtui doctor`: what sessions, screens and the store need of it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Line, Mark } from '../core/checklist.ts';
import type { Config } from '../core/config.ts';
import { tryLock } from '../native/lock.ts';

const PART = 'The machine';
const ASK_MS = 10_000;

export function machineLines(config: Config): Line[] {
  const line = (id: string, title: string, mark: Mark, said: string, repair: string | null = null): Line => ({
    id,
    part: PART,
    title,
    mark,
    said,
    repair,
  });
  return [
    line('node', 'Node', 'ok', `${process.versions.node} (${process.execPath})`),
    git(line),
    terminal(line),
    pty(line),
    lock(line),
    agents(line, config),
  ];
}

type Make = (id: string, title: string, mark: Mark, said: string, repair?: string | null) => Line;

function git(line: Make): Line {
  const { stdout, status } = spawnSync('git', ['--version'], { encoding: 'utf8', timeout: ASK_MS });
  if (status === 0) return line('git', 'git', 'ok', stdout.trim());
  return line('git', 'git', 'fail', 'it cannot be started, so no tree can be judged', 'install git');
}

function terminal(line: Make): Line {
  const { TERM = '', LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  if (TERM === '' || TERM === 'dumb')
    return line('terminal', 'terminal', 'warn', `TERM is "${TERM}": no screen can be drawn`, 'use another terminal, or the commands alone');
  if (!/utf-?8/iu.test(locale))
    return line('terminal', 'terminal', 'warn', `${TERM}, but the locale "${locale}" is not UTF-8`, 'set LANG to one that ends in .UTF-8');
  return line('terminal', 'terminal', 'ok', `${TERM}, ${locale}`);
}

/** In a process of its own: a broken prebuilt must not take this one along. */
function pty(line: Make): Line {
  const script = `const { spawn } = await import('node-pty');
    const pty = spawn('/bin/sh', ['-c', 'printf here'], {});
    let seen = '';
    pty.onData((text) => { seen += text; });
    pty.onExit(() => setImmediate(() => process.exit(seen.includes('here') ? 0 : 1)));`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: ASK_MS,
    cwd: import.meta.dirname,
  });
  if (status === 0) return line('pty', 'pseudo-terminals', 'ok', 'one was opened and read');
  return line(
    'pty',
    'pseudo-terminals',
    'fail',
    `none can be opened: ${stderr.trim().split('\n').at(-1) ?? ''}`,
    'install coordtui again: npm install -g coordtui',
  );
}

function lock(line: Make): Line {
  const dir = mkdtempSync(join(tmpdir(), 'coordtui-doctor-'));
  try {
    const found = tryLock(join(dir, 'lock'));
    if ('unavailable' in found)
      return line(
        'lock',
        'locks',
        'fail',
        `the kernel's lock is not to be had: ${found.unavailable}`,
        'install coordtui again: npm install -g coordtui',
      );
    if ('release' in found) found.release();
    return line('lock', 'locks', 'ok', 'one was taken and given back');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function agents(line: Make, config: Config): Line {
  const programs = new Map(
    config.instances.flatMap(({ id, command }) => (command?.[0] === undefined ? [] : [[id as string, command[0]] as const])),
  );
  const lost = [...programs].filter(
    ([, program]) => spawnSync('sh', ['-c', 'command -v -- "$0"', program], { timeout: ASK_MS }).status !== 0,
  );
  if (programs.size === 0) return line('agents', 'agents', 'warn', 'no instance has a program', 'give them one: `agent:` in coordtui.yaml');
  if (lost.length === 0) return line('agents', 'agents', 'ok', [...programs].map(([id, program]) => `${id}: ${program}`).join(', '));
  return line(
    'agents',
    'agents',
    'fail',
    `not found: ${lost.map(([id, program]) => `${program} (${id})`).join(', ')}`,
    'install it, or choose another in coordtui.yaml',
  );
}
