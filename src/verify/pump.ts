/** Carries a check's output to the log and to whoever watches, secrets removed. */
import type { Readable } from 'node:stream';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { LogFile } from './log-file.ts';
import { redactingStream, type Secret } from './secrets.ts';

/** How long a pipe must be silent after its group ended before whoever still holds it is no longer waited for. */
const QUIET_MS = 200;
/** A trickle is listened to for this long, a flood up to this many bytes; what the group itself left in the pipe is far less. */
const MAX_DRAIN_MS = 3_000;
const MAX_DRAIN_BYTES = 4 * 1024 * 1024;

/** `done` answers what went wrong on our side while reading, else null; it never rejects. */
export type Pump = { readonly done: Promise<Error | null>; bytes(): number; busy(): boolean; giveUp(): void };

/** Chunk by chunk, the next one only when this one is on disk: memory stays bounded whatever is printed. */
export function startPump(stdout: Readable, secrets: readonly Secret[], show: (chunk: Buffer) => void, log: LogFile): Pump {
  const redact = redactingStream(secrets);
  let bytes = 0;
  let busy = false;
  let given = false;
  async function pass(chunk: Buffer): Promise<void> {
    if (chunk.length === 0) return;
    show(chunk);
    await log.write(chunk);
  }
  async function readAll(): Promise<void> {
    try {
      for await (const chunk of stdout as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        busy = true;
        await pass(redact.push(chunk));
        busy = false;
      }
    } catch (error) {
      if (!given) throw error; // else it is our own destroy()
    }
    busy = true;
    await pass(redact.end());
  }
  return {
    done: readAll().then(
      () => null,
      (error: Error) => error,
    ),
    bytes: () => bytes,
    busy: () => busy,
    giveUp() {
      given = true;
      stdout.destroy();
    },
  };
}

/** Reads what is still in the pipe. Answers true when somebody outside the group held it open and was left alone. */
export async function drain(pump: Pump): Promise<boolean> {
  const deadline = performance.now() + MAX_DRAIN_MS;
  const enough = pump.bytes() + MAX_DRAIN_BYTES;
  for (;;) {
    const seen = pump.bytes();
    const ended = await Promise.race([pump.done, quietTime()]);
    if (ended instanceof Error) throw ended;
    if (ended === null) return false;
    const silent = !pump.busy() && pump.bytes() === seen;
    const late = !pump.busy() && performance.now() >= deadline; // busy: it is our disk that is slow
    if (!silent && !late && pump.bytes() < enough) continue;
    pump.giveUp();
    const failure = await pump.done;
    if (failure !== null) throw failure;
    return true;
  }
}

/** Whoever was put aside for so long finds the time over and the pipe full at once: what lies there is read before the silence counts. */
async function quietTime(): Promise<'open'> {
  await delay(QUIET_MS);
  await nextTurn();
  await nextTurn();
  return 'open';
}
