/** The words that are given to tmux and to ssh: nothing in them is read as anything else. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parseSshHost, parseTmuxName } from '../../src/core/ids.ts';
import { endOfSsh, quoted, sshCommand } from '../../src/pane/ssh.ts';
import { literal, ownSocket, parsePanes } from '../../src/pane/tmux.ts';
import { BACKEND, FRONTEND } from './support.ts';

describe('names', () => {
  test('a tmux session is named so that tmux can mean nothing else', () => {
    for (const good of ['work', 'instance-1-planning-backend', '_x', '9']) expect(parseTmuxName(good)).toBe(good);
    for (const bad of ['', '-d', '=x', '$1', '@2', '%3', 'a:b', 'a.b', 'a b', 'a;b', 'ä', 'x'.repeat(65), 'a\n'])
      expect([bad, parseTmuxName(bad)]).toEqual([bad, null]);
  });

  test('a host is no option and no command', () => {
    for (const good of ['host', 'me@host', 'a.b-c', '10.0.0.1', '[::1]', 'u_x@h']) expect(parseSshHost(good)).toBe(good);
    for (const bad of ['', '-oProxyCommand=x', '-l', 'me@-x', 'a b', 'a;b', '$(x)', 'a\nb', '@h', 'x'.repeat(256)])
      expect([bad, parseSshHost(bad)]).toEqual([bad, null]);
  });

  test('a socket of its own for each workspace and instance, always the same', () => {
    const names = [ownSocket('/a', BACKEND), ownSocket('/a', FRONTEND), ownSocket('/b', BACKEND)];
    expect(new Set(names).size).toBe(3);
    expect(names.every((name) => /^coordtui-[0-9a-f]{16}$/.test(name))).toBe(true);
    expect(ownSocket('/a', BACKEND)).toBe(names[0]);
  });
});

describe('words', () => {
  const HOSTILE = ['a b', "it's", '"', '$HOME', '`id`', '$(id)', ';', 'a;', '\\', 'x\ny', '*', '-n', '', 'ü'];

  test('the line for the shell over there gives each word as it is', () => {
    const command = sshCommand({ kind: 'ssh', host: 'h', tmux: null, directory: '/' }, ['printf', '%s\\0', ...HOSTILE], { A: "b'c" });
    const told = execFileSync('/bin/sh', ['-c', command.at(-1) ?? '']).toString();
    expect(told.slice(0, 1)).toBe('\r');
    expect(told.slice(1).split('\0').slice(0, -1)).toEqual(HOSTILE);
  });

  test('with tmux over there the words are quoted for both shells', () => {
    const line = sshCommand({ kind: 'ssh', host: 'h', tmux: 't', directory: null }, ['printf', '%s\\0', ...HOSTILE], {}).at(-1) ?? '';
    expect(line).toMatch(/^printf '\\r'; exec tmux new-session -A -s 't' '/);
    // What tmux would give to its shell.
    const inner = execFileSync('/bin/sh', ['-c', line.replace(/^.*exec tmux new-session -A -s 't' /, 'printf %s ')]).toString();
    expect(execFileSync('/bin/sh', ['-c', inner]).toString().split('\0').slice(0, -1)).toEqual(HOSTILE);
    expect(quoted("a'b")).toBe("'a'\\''b'");
  });

  test('a last semicolon begins no other command of tmux', () => {
    expect(['a;', 'a\\;', ';;', 'a;b', ';'].map(literal)).toEqual(['a\\;', 'a\\\\;', ';\\;', 'a;b', ';']);
  });
});

test('panes as tmux lists them; anything else is no pane', () => {
  const text = '10 %0 11 1 3/\n10 %1 12 1 /9\n10 %2 13 0 /\nrubbish\n-1 %3 4 0 /\n';
  expect(parsePanes(text)).toEqual([
    { server: 10, id: '%0', pid: 11, dead: { exitCode: 3, signal: null } },
    { server: 10, id: '%1', pid: 12, dead: { exitCode: null, signal: 9 } },
    { server: 10, id: '%2', pid: 13, dead: null },
  ]);
});

test("ssh's own failure is a broken line, every other end is the program's", () => {
  expect(endOfSsh('h', { exitCode: 255, signal: null })).toEqual({ lost: 'no connection to h' });
  expect(endOfSsh('h', { exitCode: 3, signal: null })).toEqual({ over: { exitCode: 3, signal: null } });
  expect(endOfSsh('h', { exitCode: null, signal: 'SIGHUP' })).toEqual({ over: { exitCode: null, signal: 'SIGHUP' } });
});
