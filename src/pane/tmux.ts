/** Talking to a tmux server: by its socket's name, with a limit on everything that it could keep us waiting for. */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { InstanceId } from '../core/ids.ts';

/** Which server: one of coordtui's own by its socket's name, or the user's (null). */
export type Server = { readonly socket: string | null; readonly env: Readonly<Record<string, string>> };

/** One pane of a tmux session, as its server tells it. */
export type TmuxPane = {
  readonly server: number;
  readonly id: string;
  /** The root process of the pane. */
  readonly pid: number;
  readonly dead: { readonly exitCode: number | null; readonly signal: number | null } | null;
};

export type Answered = { readonly ok: true; readonly out: string } | { readonly ok: false; readonly why: string; readonly silent: boolean };

const PATIENCE_MS = 5_000;
/** While it waits the room does nothing else. */
const SHORT_PATIENCE_MS = 500;
const BYTES_AT_MOST = 16 * 1024 * 1024;
const FORMAT = '#{pid} #{pane_id} #{pane_pid} #{pane_dead} #{pane_dead_status}/#{pane_dead_signal}';

/**
 * The same for a workspace and an instance at all times, so that the next room finds what this one started. A server
 * of its own for each: what runs in one finds only itself behind `$TMUX`.
 */
export function ownSocket(root: string, instance: InstanceId): string {
  return `coordtui-${createHash('sha256').update(`${root}\0${instance}`).digest('hex').slice(0, 16)}`;
}

function socketPath(socket: string): string {
  return `/tmp/tmux-${userInfo().uid}/${socket}`;
}

/** Without asking anybody: a socket of ours is there, whether or not somebody still listens. */
export function hasSocket({ socket }: Server): boolean {
  return socket !== null && existsSync(socketPath(socket));
}

/** A server that was ended leaves its socket behind. */
export function forgetSocket({ socket }: Server): void {
  if (socket !== null) rmSync(socketPath(socket), { force: true });
}

/** Own servers lie where tmux looks by itself, whatever the environment of the room that asks. */
export function ownServer(root: string, instance: InstanceId, env: Readonly<Record<string, string>>): Server {
  const { TMUX_TMPDIR: _elsewhere, ...rest } = env;
  return { socket: ownSocket(root, instance), env: rest };
}

export function tmuxWords({ socket }: Server, ...words: readonly string[]): string[] {
  // -u: the terminal is ours, and it is UTF-8 whatever the locale says.
  return ['-u', ...(socket === null ? [] : ['-L', socket]), ...words.map(literal)];
}

/** An argument's last semicolon would begin another of tmux's commands. */
export function literal(word: string): string {
  return word.endsWith(';') && word !== ';' ? `${word.slice(0, -1)}\\;` : word;
}

export function askTmux(server: Server, words: readonly string[]): Promise<Answered> {
  return new Promise((resolve) => {
    const options = { env: { ...server.env }, timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: BYTES_AT_MOST } as const;
    execFile('tmux', tmuxWords(server, ...words), options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, out: stdout });
      else resolve(refusal(error, stderr));
    });
  });
}

function refusal(error: Error & { readonly killed?: boolean; readonly code?: unknown }, stderr: string): Answered {
  const silent = error.killed === true;
  if (error.code === 'ENOENT') return { ok: false, silent, why: 'tmux is not installed: install it, or give the instance "session: pty"' };
  if (silent) return { ok: false, silent, why: `tmux did not answer within ${PATIENCE_MS / 1000} s` };
  return { ok: false, silent, why: stderr.trim().split('\n', 1)[0] || error.message };
}

/** The panes of one session; null when it does not exist, or nobody listens. */
export async function panesIn(server: Server, session: string): Promise<readonly TmuxPane[] | null | { readonly failed: string }> {
  const answer = await askTmux(server, ['list-panes', '-s', '-t', `=${session}:`, '-F', FORMAT]);
  if (answer.ok) return parsePanes(answer.out);
  return answer.silent || answer.why.startsWith('tmux is not') ? { failed: answer.why } : null;
}

/** The same at once, for telling whose a connection is; null also when it takes too long, twice. */
export function panesNow(server: Server, session: string, patienceMs = SHORT_PATIENCE_MS): readonly TmuxPane[] | null {
  const first = panesSoon(server, session, patienceMs);
  // Where the machine stood still, the time was up although the answer was there.
  const panes = first === 'late' ? panesSoon(server, session, patienceMs) : first;
  return panes === 'late' ? null : panes;
}

function panesSoon(server: Server, session: string, patienceMs: number): readonly TmuxPane[] | null | 'late' {
  try {
    const words = tmuxWords(server, 'list-panes', '-s', '-t', `=${session}:`, '-F', FORMAT);
    const options = { env: { ...server.env }, timeout: patienceMs, killSignal: 'SIGKILL', encoding: 'utf8' } as const;
    return parsePanes(execFileSync('tmux', words, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (error) {
    // Gone, or silent: either way nothing is known of it now.
    return (error as NodeJS.ErrnoException).code === 'ETIMEDOUT' ? 'late' : null;
  }
}

export function parsePanes(text: string): TmuxPane[] {
  return text.split('\n').flatMap((line): TmuxPane[] => {
    const match = /^(\d+) (%\d+) (\d+) ([01]?) (\d*)\/(\w*)$/.exec(line);
    if (match === null) return [];
    const [, server, id = '', pid, dead, status, signal] = match;
    const end = dead === '1' ? { exitCode: status === '' ? null : Number(status), signal: Number(signal) || null } : null;
    return [{ server: Number(server), id, pid: Number(pid), dead: end }];
  });
}

/** The program that has the terminal of the session's current pane. */
export async function programIn(server: Server, name: string): Promise<{ readonly program: string } | { readonly failed: string }> {
  const answer = await askTmux(server, ['display-message', '-p', '-t', `=${name}:`, '#{pane_current_command}']);
  return answer.ok ? { program: answer.out.trim() } : { failed: answer.why };
}
