/**
 * A process beside this one that gives the terminal back where this one cannot any more: killed at any moment, also before
 * a room knows of it, or together with its room. Idle until then; it sits in a session of its own, so that no signal of the
 * terminal reaches it.
 */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

export type Guard = {
  /** The line mode as it is now, as `stty -g` writes it, is known and will be set back: from here on it may be changed. */
  readonly ready: Promise<void>;
  /** What is to be written to the terminal (one line) when this process is gone; nothing of it is touched once it is ''. */
  undo(sequence: string): void;
};

/**
 * Told lines on 3, the last of which counts; the terminal is on 0 and 4. What they say is written at once when nobody is
 * left to say more, before a shell writes its prompt. A shell that sets its line mode back itself does it at once, and reads
 * keys in a mode of its own then: only that of a client is set back, in which keys interrupt nothing.
 */
const SCRIPT = `trap '' PIPE
mode=$(stty -g)
echo "$mode"
exec >&-
undo=
while IFS= read -r line <&3; do undo=$line; done
[ -n "$undo" ] || exit 0
printf %s "$undo" >&4
sleep 0.05
case $(stty -a) in *-isig*) stty "$mode" ;; esac`;

/** Ends with this process, whichever way that ends. Without a shell to run there is none, and nothing is given back. */
export function openGuard(): Guard {
  const child = spawn('sh', ['-c', SCRIPT, 'coordtui-guard'], { stdio: [0, 'pipe', 'ignore', 'pipe', 1], detached: true });
  const told = child.stdio[3];
  if (told instanceof Socket) told.on('error', () => {}).unref();
  const { stdout } = child;
  child.unref();
  return {
    ready: new Promise((resolve) => {
      child.once('error', () => resolve());
      stdout?.once('error', () => resolve()).once('end', () => resolve());
      stdout?.resume();
    }),
    undo(sequence) {
      if (told instanceof Socket && told.writable) told.write(`${sequence}\n`);
    },
  };
}
