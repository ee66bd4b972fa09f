/** The thread that looks at the status file, from the side of those who listen to it. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Stamp } from './eye.ts';
import { createTurn, turnMemory } from './turn.ts';

/** One version of the status file, as it was found. */
export type Sighting = { readonly stamp: Stamp; readonly bytes: Uint8Array };

export type WitnessData = {
  readonly folder: string;
  readonly file: string;
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
};

export type Witness = {
  /** What it has seen since the last call, oldest first. */
  heard(): Sighting[];
  /** Runs the work while the witness does not look; whatever it saw before can be heard in it. */
  exclusively<T>(work: () => T): T;
  close(): Promise<void>;
};

/** A look of the witness takes less than a millisecond; who does not answer for so long has died in the middle. */
const PATIENCE_MS = 250;

/** Without a program nobody else looks: the room's own thread does it alone. */
export function startWitness(program: string | null, watched: { folder: string; file: string }, onNews: () => void): Witness {
  if (program === null) return { heard: () => [], exclusively: (work) => work(), close: () => Promise.resolve() };
  const memory = turnMemory();
  const turn = createTurn(memory);
  const { port1, port2 } = new MessageChannel();
  let waiting: Sighting[] = [];
  let taken = false;
  const data: WitnessData = { ...watched, port: port2, memory };
  const worker = new Worker(program, { workerData: data, transferList: [port2], stdout: false, stderr: false });
  // Should it fail, the room's thread goes on looking by itself, as it does anyway.
  worker.on('error', () => port1.close());

  port1.on('message', (sighting: Sighting) => {
    waiting.push(sighting);
    onNews();
  });

  return {
    heard: () => {
      for (let next = receiveMessageOnPort(port1); next !== undefined; next = receiveMessageOnPort(port1))
        waiting.push(next.message as Sighting);
      const seen = waiting;
      waiting = [];
      if (seen.length > 0) port1.postMessage(seen.reduce((sum, { bytes }) => sum + bytes.length, 0));
      return seen;
    },
    exclusively: (work) => {
      if (taken) return work();
      taken = true;
      const mine = turn.take(PATIENCE_MS);
      try {
        return work();
      } finally {
        taken = false;
        if (mine) turn.give();
      }
    },
    close: async () => {
      port1.close();
      await worker.terminate();
    },
  };
}
