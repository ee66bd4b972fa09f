/** A program on another machine: the ssh command for it, in words that no shell here or there takes apart. */
import type { SessionPlace } from '../core/config.ts';
import type { PaneExit } from '../core/ports.ts';
import type { LineEnd } from './way.ts';

export type SshPlace = Extract<SessionPlace, { kind: 'ssh' }>;

/** Its own failures; everything else is what the program over there ended with. */
const SSH_FAILED = 255;

/** Never asks for anything: nobody could answer it before the session is shown. */
const OPTIONS: readonly (readonly [string, string])[] = [
  ['BatchMode', 'yes'],
  ['ConnectTimeout', '15'],
  ['ServerAliveInterval', '15'],
  ['ServerAliveCountMax', '3'],
  ['EscapeChar', 'none'],
];

export function sshCommand(place: SshPlace, command: readonly string[], env: Readonly<Record<string, string>>): string[] {
  const options = OPTIONS.flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  // The host is no option, whatever it begins with: its parser has refused that, and `--` does again.
  return ['ssh', '-tt', ...options, '--', place.host, remoteLine(place, command, env)];
}

/** One line for the shell over there. */
function remoteLine({ tmux, directory }: SshPlace, command: readonly string[], env: Readonly<Record<string, string>>): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const program = ['env', ...variables, ...command];
  const words =
    tmux === null
      ? ['exec', ...program.map(quoted)]
      : ['exec', 'tmux', 'new-session', '-A', '-s', quoted(tmux), quoted(program.map(quoted).join(' '))];
  // The first byte says that the line stands, however long the program is silent.
  return `printf '\\r'; ${directory === null ? '' : `cd ${quoted(directory)} && `}${words.join(' ')}`;
}

export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Whether the program over there has ended, or only the connection. */
export function endOfSsh(host: string, exit: PaneExit): LineEnd {
  return exit.exitCode === SSH_FAILED ? { lost: `no connection to ${host}` } : { over: exit };
}
