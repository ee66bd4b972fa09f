/**
 * One visit of this terminal to a room, from the hello to the end. The terminal is the room's meanwhile, where that can
 * use it, and this process only sets its modes, stops and goes on with it, and gives it back; else it carries the bytes.
 * Whatever happens to the terminal happens after the room has let go of it (decision 0022).
 */
import type { Socket } from 'node:net';
import { EXIT } from '../core/reply.ts';
import { encodeFrame, encodeSize, FRAME, type Frame, frameReader } from '../wire/frames.ts';
import { PROTOCOL, parseWelcome, type ScreenHello } from '../wire/protocol.ts';
import { type Editing, openInEditor } from './editor.ts';
import { sizeOf, type Taken } from './terminal.ts';
import { VERSION } from './version.ts';

export type Ended = { readonly exit: number; readonly message: string };

/** A room that does not answer must not keep the terminal. */
const FREED_MS = 1_000;
const NOT_UNDERSTOOD = 'coordtui: the room sent what this version does not understand; restart it: coordtui stop, then coordtui';
const GONE = 'coordtui: the room has gone away; what it kept is there again when you start it: coordtui';

/** The terminal is raw, and is not restored here. */
export function visit(socket: Socket, terminal: Taken, hello: ScreenHello): Promise<Ended> {
  return new Promise((resolve) => {
    let welcomed: Uint8Array | null = new Uint8Array();
    const reader = frameReader();
    // Frames only after the welcome: until then the room reads lines.
    const early: Uint8Array[] = [];
    /** Who touches the terminal; `asked`: it is lent, and the room has not said yet whether it takes it. */
    let holder: 'asked' | 'room' | 'carried' | 'self' = 'asked';
    let freed: (() => void) | null = null;
    let editing: Editing | null = null;

    // One after the other: each leaves the terminal in a state that the next one knows.
    let turn = Promise.resolve();
    const inTurn = (what: () => void | Promise<void>) => {
      turn = turn.then(what);
    };

    const send = (frame: Uint8Array) => {
      if (welcomed === null) socket.write(frame);
      else early.push(frame);
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
      send(encodeFrame(FRAME.lend));
    };
    /** Nobody touches the terminal afterwards but this process. */
    const reclaim = async () => {
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
      for (const [signal, handler] of signals) process.off(signal, handler);
      stopCarrying();
      process.stdout.off('resize', onResize);
      resolve({ exit, message });
    };
    const leave = (exit: number) => () => {
      editing?.stop();
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
        process.stdout.once('drain', () => socket.resume());
      }
    };
    const onFrame = ({ type, payload }: Frame) => {
      const lent = freed === null && (holder === 'asked' || holder === 'room');
      if (type === FRAME.output) show(payload);
      else if (type === FRAME.took && lent) holder = 'room';
      else if (type === FRAME.carry && lent) carry();
      else if (type === FRAME.freed) freed?.();
      else if (type === FRAME.suspend || type === FRAME.edit || type === FRAME.end) {
        if (holder === 'carried') stopCarrying();
        holder = 'self';
        if (type === FRAME.suspend) inTurn(suspend);
        else if (type === FRAME.edit) inTurn(() => (hello.observe ? lend() : edit(payload)));
        else {
          const { exit, message } = JSON.parse(Buffer.from(payload).toString()) as Ended;
          inTurn(() => end(exit, message));
        }
      }
    };
    const take = (bytes: Uint8Array) => {
      const frames = reader.push(bytes);
      if (frames === null) inTurn(() => end(EXIT.noRoom, NOT_UNDERSTOOD));
      else for (const frame of frames) onFrame(frame);
    };
    const onData = (chunk: Buffer) => {
      if (welcomed === null) {
        take(chunk);
        return;
      }
      const all = Buffer.concat([welcomed, chunk]);
      const newline = all.indexOf(10);
      welcomed = newline < 0 ? all : null;
      if (newline < 0) return;
      const welcome = parseWelcome(all.subarray(0, newline).toString());
      if (!welcome.ok) end(EXIT.noRoom, `coordtui: ${welcome.why}`);
      else if (welcome.value.coordtui !== PROTOCOL)
        end(EXIT.noRoom, `coordtui: the room runs ${welcome.value.version}, this is ${VERSION}; restart it: coordtui stop, then coordtui`);
      else {
        for (const frame of early.splice(0)) socket.write(frame);
        take(all.subarray(newline + 1));
      }
    };

    const onStop = () => inTurn(suspend);
    const signals: [NodeJS.Signals, () => void][] = [
      ['SIGTERM', leave(143)],
      ['SIGHUP', leave(129)],
      ['SIGINT', () => editing === null && leave(130)()],
      ['SIGTSTP', onStop],
      ['SIGCONT', () => inTurn(goOn)],
    ];
    for (const [signal, handler] of signals) process.on(signal, handler);
    process.stdin.on('error', leave(129));
    process.stdout.on('error', leave(129));
    process.stdout.on('resize', onResize);
    socket.on('data', onData);
    socket.on('error', () => {});
    socket.on('close', () => {
      freed?.();
      inTurn(() => end(EXIT.noRoom, GONE));
    });
    socket.write(`${JSON.stringify(hello)}\n`);
  });
}
