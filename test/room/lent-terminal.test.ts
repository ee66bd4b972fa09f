/** The terminal of another process, read and written by this one: only while that process has it. */
import { type IPty, spawn } from 'node-pty';
import { afterEach, describe, expect, it } from 'vitest';
import { type LentTerminal, openLentTerminal } from '../../src/room/lent-terminal.ts';
import { until } from '../support/until.ts';

const linux = process.platform === 'linux';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

type Lent = {
  readonly terminal: LentTerminal;
  readonly owner: IPty;
  readonly happened: string[];
  /** What was read of it, and what was written to it, as text. */
  typed(): string;
  shown(): string;
  /** Whether it is still lent. */
  lent(is: boolean): void;
};

/** A terminal with a process in it that does nothing. */
async function lend(): Promise<Lent> {
  const owner = spawn('sh', ['-c', 'stty raw -echo; echo up; exec sleep 100000'], { encoding: null, cols: 80, rows: 24 });
  closing.push(() => owner.kill('SIGKILL'));
  let shown = '';
  owner.onData((bytes) => {
    shown += (bytes as unknown as Buffer).toString('latin1');
  });
  await until('the terminal to be raw', () => shown.includes('up'));
  const happened: string[] = [];
  let typed = '';
  let isLent = true;
  const terminal = openLentTerminal({
    isLent: () => isLent,
    tty: (owner as IPty & { readonly ptsName: string }).ptsName,
    pid: owner.pid,
    onInput: (bytes) => {
      typed += Buffer.from(bytes).toString('latin1');
    },
    onDrained: () => happened.push('drained'),
    onAgain: () => happened.push('again'),
    onLost: () => happened.push('lost'),
  });
  if (terminal === null) throw new Error('it was not to be had');
  closing.push(() => terminal.close());
  return {
    terminal,
    owner,
    happened,
    typed: () => typed,
    shown: () => shown,
    lent: (is) => {
      isLent = is;
    },
  };
}

describe.skipIf(!linux)('a terminal that another process lends', () => {
  it('is read when something was typed, and not while nobody listens', async () => {
    const { terminal, owner, typed, happened } = await lend();
    owner.write('before ');
    terminal.listen(true);
    await until('what waited', () => typed() === 'before ');
    owner.write('then');
    await until('what came', () => typed() === 'before then');
    terminal.listen(false);
    owner.write(' later');
    terminal.write('x');
    await new Promise(setImmediate);
    expect(typed()).toBe('before then');
    terminal.listen(true);
    await until('what came meanwhile', () => typed() === 'before then later');
    expect(happened).toEqual([]);
  });

  it('all of a long text is read, in order', async () => {
    const { terminal, owner, typed } = await lend();
    terminal.listen(true);
    const text = Array.from({ length: 40_000 }, (_, index) => `${index}\r`).join('');
    owner.write(text);
    await until('all of it', () => typed().length === text.length);
    expect(typed()).toBe(text);
  });

  it('that nobody reads never blocks and keeps no more than it was given; drained once it is read', async () => {
    const { terminal, owner, shown, happened } = await lend();
    owner.pause();
    const frame = 'f'.repeat(20_000);
    let written = 0;
    while (terminal.write(frame)) written += 1;
    expect(written).toBeLessThan(100);
    owner.resume();
    await until('it to be drained', () => happened.includes('drained'));
    await until('all of it to be shown', () => shown().split('f').length - 1 === (written + 1) * frame.length);
    expect(terminal.write('more')).toBe(true);
  });

  it('of a process that is stopped is left alone, and drawn anew when that goes on', async () => {
    const { terminal, owner, typed, shown, happened } = await lend();
    terminal.listen(true);
    process.kill(owner.pid, 'SIGSTOP');
    // Until it stands still it is written to.
    let early = '';
    await until('it to be left alone', () => {
      if (!terminal.write('early;')) return true;
      early += 'early;';
      return false;
    });
    owner.write('for the shell');
    expect(terminal.write('never')).toBe(false);
    process.kill(owner.pid, 'SIGCONT');
    await until('it to be had again', () => happened.includes('again'));
    await until('what was typed meanwhile, and nobody took', () => typed() === 'for the shell');
    expect(terminal.write('again')).toBe(true);
    await until('what was written since', () => shown().endsWith('again'));
    expect(shown()).toBe(`up\n${early}again`);
  });

  it('that is lent no more is not touched, and drawn anew when it is lent again', async () => {
    const { terminal, owner, typed, shown, happened, lent } = await lend();
    terminal.listen(true);
    lent(false);
    expect(terminal.write('never')).toBe(false);
    owner.write('for its owner');
    expect(terminal.write('never')).toBe(false);
    lent(true);
    await until('it to be had again', () => happened.includes('again'));
    await until('what was typed meanwhile, and nobody took', () => typed() === 'for its owner');
    expect(shown()).not.toContain('never');
    expect(terminal.write('again')).toBe(true);
  });

  it('is lost when its other end is closed', async () => {
    const { owner, terminal, happened } = await lend();
    terminal.listen(true);
    (owner as IPty & { destroy(): void }).destroy();
    await until('it to be lost', () => {
      terminal.write('x');
      return happened.includes('lost') || !isAlive(owner.pid);
    });
  });

  it('is not to be had of a process that is gone, or has another terminal', async () => {
    const { owner } = await lend();
    const tty = (owner as IPty & { readonly ptsName: string }).ptsName;
    const nothing = { isLent: () => true, onInput: () => {}, onDrained: () => {}, onAgain: () => {}, onLost: () => {} };
    expect(openLentTerminal({ tty, pid: 2 ** 22 + 1, ...nothing })).toBeNull();
    expect(openLentTerminal({ tty: '/dev/null', pid: owner.pid, ...nothing })).toBeNull();
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
