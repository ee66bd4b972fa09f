/**
 * One visit of this terminal to a room, from the hello to the end. The terminal is the room's meanwhile, where that can
 * use it, and this process only sets its modes, stops and goes on with it, and gives it back; else it carries the bytes.
 * Whatever happens to the terminal happens after the room has let go of it (decision 0022), or may not touch it any more, since
 * it does not answer (decision 0027).
 */
import type { Socket } from 'node:net';
import { EXIT } from '../core/reply.ts';
import { isStopped } from '../store/stopped.ts';
import { encodeFrame, encodeSize, encodeTime, FRAME, type Frame } from '../wire/frames.ts';
import type { ScreenHello } from '../wire/protocol.ts';
import { type Editing, openInEditor } from './editor.ts';
import { openFrameLine } from './frame-line.ts';
import { openLease } from './lease.ts';
import { saidOfStopped } from './stopped-room.ts';
import { sizeOf, type Taken } from './terminal.ts';
import { askWhile } from './way-out.ts';

export type Ended = { readonly exit: number; readonly message: string };

/** A room that does not answer must not keep the terminal. */
const FREED_MS = 1_000;
const GONE = 'coordtui: the room has gone away; what it kept is there again when you start it: coordtui';

/**
 * The terminal is raw, and is not restored here. `greet`: the hello, from the moment until which the terminal is lent. `kept`:
 * what was typed for the room before.
 */
export function visit(socket: Socket, terminal: Taken, greet: (until: number) => ScreenHello, kept: Uint8Array[]): Promise<Ended> {
  return new Promise((resolve) => {
    /** Who touches the terminal; `asked`: it is lent, and the room has not said yet whether it takes it. */
    let holder: 'asked' | 'room' | 'carried' | 'self' = 'asked';
    let freed: (() => void) | null = null;
    /** Of a room that did not answer: whether it does now, or something else is to be done. */
    let waited: ((answers: boolean) => void) | null = null;
    let editing: Editing | null = null;

    // One after the other: each leaves the terminal in a state that the next one knows.
    let turn = Promise.resolve();
    const inTurn = (what: () => void | Promise<void>) => {
      turn = turn.then(what);
    };

    const onInput = (bytes: Buffer) => send(encodeFrame(FRAME.input, bytes));
    const onResize = () => send(encodeFrame(FRAME.resize, encodeSize(sizeOf())));

    const carry = () => {
      holder = 'carried';
      process.stdin.on('data', onInput);
      process.stdin.resume();
    };
    const stopCarrying = () => {
      process.stdin.off('data', onInput);
      process.stdin.pause();
    };
    const lend = () => {
      holder = 'asked';
      onResize();
      handOver();
      send(encodeFrame(FRAME.lend, encodeTime(lease.begin())));
    };
    /** Before anything that is typed now. */
    const handOver = () => {
      for (const bytes of kept.splice(0)) send(encodeFrame(FRAME.input, bytes));
    };
    /** Nobody touches the terminal afterwards but this process. */
    const reclaim = async () => {
      lease.rest();
      if (holder === 'carried') stopCarrying();
      if ((holder === 'asked' || holder === 'room') && !socket.destroyed) {
        const late = setTimeout(() => freed?.(), FREED_MS);
        await new Promise<void>((done) => {
          freed = done;
          send(encodeFrame(FRAME.reclaim));
        });
        clearTimeout(late);
        freed = null;
      }
      holder = 'self';
    };

    /** From now on the room may not touch the terminal, and lets go of it when it goes on. */
    const silent = () => {
      if (holder === 'carried') stopCarrying();
      holder = 'self';
      send(encodeFrame(FRAME.reclaim));
      const since = lease.heardAt().toTimeString().slice(0, 8);
      const pending = new Promise<boolean>((answers) => {
        waited = answers;
      });
      inTurn(async () => {
        const outcome = await askWhile({
          pending,
          what: [`the room has not answered since ${since}`, `no answer since ${since}`],
          keep: (bytes) => kept.push(bytes),
        });
        waited = null;
        if (outcome.left) {
          send(encodeFrame(FRAME.detach));
          end(EXIT.noRoom, leftAlone(since, line.pid()));
        } else if (outcome.value) lend();
      });
    };
    const lease = openLease({ renew: (until) => send(encodeFrame(FRAME.renew, encodeTime(until))), onSilence: silent });

    /**
     * As the terminal's own ctrl-z: the whole job stops, so that a shell behind a script notices. Where nobody could ever
     * continue it (no shell above: the kernel ignores the signal then) it goes on at once.
     */
    const suspend = async () => {
      await reclaim();
      terminal.restore();
      process.off('SIGTSTP', onStop);
      process.kill(0, 'SIGTSTP');
      await new Promise(setImmediate);
      process.on('SIGTSTP', onStop);
      terminal.retake();
      lend();
    };
    /** Also after a stop that nobody can hear (SIGSTOP): a shell may have used the terminal. */
    const goOn = async () => {
      await reclaim();
      terminal.reassert();
      lend();
    };
    /** The terminal is the editor's meanwhile: nothing is written to it, nothing read from it, and its ctrl-c is not ours. */
    const edit = async (payload: Uint8Array) => {
      const { name, text } = JSON.parse(Buffer.from(payload).toString()) as { name: string; text: string };
      process.off('SIGTSTP', onStop);
      terminal.restore();
      editing = openInEditor(name, text, process.env);
      const complaint = await editing.over;
      editing = null;
      if (complaint !== '') process.stderr.write(`coordtui: ${complaint}\n`);
      process.on('SIGTSTP', onStop);
      terminal.retake();
      lend();
    };

    const end = (exit: number, message: string) => {
      lease.close();
      for (const [signal, handler] of signals) process.off(signal, handler);
      stopCarrying();
      process.stdout.off('resize', onResize);
      resolve({ exit, message });
    };
    const leave = (exit: number) => () => {
      editing?.stop();
      waited?.(false);
      inTurn(async () => {
        await reclaim();
        send(encodeFrame(FRAME.detach));
        end(exit, '');
      });
    };

    const show = (payload: Uint8Array) => {
      // What was under way when the terminal was taken back: all of it is drawn anew afterwards.
      if (holder !== 'carried') return;
      // A terminal that does not read must not make us hold what the room draws.
      if (!process.stdout.write(payload)) {
        socket.pause();
        lease.rest();
        process.stdout.once('drain', () => {
          socket.resume();
          if (holder === 'carried') lease.resume();
        });
      }
    };
    const onFrame = ({ type, payload }: Frame) => {
      const lent = freed === null && (holder === 'asked' || holder === 'room');
      lease.answered();
      if (type === FRAME.output) show(payload);
      else if (type === FRAME.took && lent) holder = 'room';
      else if (type === FRAME.carry && lent) carry();
      else if (type === FRAME.freed) {
        freed?.();
        waited?.(true);
      } else if (type === FRAME.suspend || type === FRAME.edit || type === FRAME.end) {
        if (holder === 'carried') stopCarrying();
        holder = 'self';
        lease.rest();
        waited?.(false);
        if (type === FRAME.suspend) inTurn(suspend);
        else if (type === FRAME.edit) inTurn(() => (hello.observe ? lend() : edit(payload)));
        else {
          const { exit, message } = JSON.parse(Buffer.from(payload).toString()) as Ended;
          inTurn(() => end(exit, message));
        }
      }
    };
    const hello = greet(lease.begin());
    const line = openFrameLine(socket, {
      hello,
      onFrame,
      onTrouble(why) {
        waited?.(false);
        inTurn(() => end(EXIT.noRoom, `coordtui: ${why}`));
      },
    });
    const { send } = line;

    const onStop = () => {
      waited?.(false);
      inTurn(suspend);
    };
    const onGoOn = () => {
      waited?.(false);
      inTurn(goOn);
    };
    const signals: [NodeJS.Signals, () => void][] = [
      ['SIGTERM', leave(143)],
      ['SIGHUP', leave(129)],
      ['SIGINT', () => editing === null && leave(130)()],
      ['SIGTSTP', onStop],
      ['SIGCONT', onGoOn],
    ];
    for (const [signal, handler] of signals) process.on(signal, handler);
    process.stdin.on('error', leave(129));
    process.stdout.on('error', leave(129));
    process.stdout.on('resize', onResize);
    socket.on('error', () => {});
    socket.on('close', () => {
      freed?.();
      waited?.(false);
      inTurn(() => end(EXIT.noRoom, GONE));
    });
    handOver();
  });
}

/** `pid`: the room's, if it ever said a word. */
function leftAlone(since: string, pid: number | null): string {
  const stopped = pid !== null && isStopped(pid) ? saidOfStopped(pid) : null;
  const why =
    stopped === null
      ? `To end it by force: kill -9 ${pid ?? 'PID (status/.coordtui/lock names it)'}; what it kept is there again`
      : `${stopped.message}; ${stopped.hint}`;
  return `coordtui: left a room that had not answered since ${since}; should it go on, it is as it was: coordtui\n${why}`;
}
