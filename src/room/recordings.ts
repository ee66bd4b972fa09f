/** The recordings of a room: one for each session, from its first byte to its last. */
import { join } from 'node:path';
import type { Config } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import type { PaneExit } from '../core/ports.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import { type CastReader, openCast } from '../pane/cast-file.ts';
import type { PaneSet } from '../pane/pane-set.ts';
import { createRecorder, type Recorder } from '../pane/recorder.ts';
import type { Served } from './conversation.ts';

export type RecordingsOptions = {
  readonly config: Config;
  readonly panes: PaneSet;
  /** Outside the workspace, in the user's own state directory. */
  readonly folder: string;
  readonly log: (line: string) => void;
};

export type Recordings = {
  /** The session has a screen, and nothing is written there yet. */
  started(instance: InstanceId): void;
  /** A mark in the recordings of whom the line names. */
  note(line: string): void;
  /** `tail INSTANCE --cast`; `--follow`: with what is recorded meanwhile, over all its sessions, until the client goes. */
  cast(instance: InstanceId, served: Served): Promise<Reply>;
  close(): Promise<void>;
};

export function openRecordings({ config, panes, folder, log }: RecordingsOptions): Recordings {
  const recorders = new Map<InstanceId, { readonly recorder: Recorder; stop(): void }>();
  /** The newest of each instance that has ended; those before it are waited for by it. */
  const closing = new Map<InstanceId, Promise<void>>();
  const followers = new Set<{ readonly instance: InstanceId; readonly more: () => void }>();
  let told = false;

  const onTrouble = (instance: InstanceId) => (why: string) => {
    if (!told) log(`${instance} is no longer recorded: ${why}; the sessions go on`);
    told = true;
  };

  const end = (instance: InstanceId, mark: string): void => {
    const one = recorders.get(instance);
    if (one === undefined) return;
    recorders.delete(instance);
    one.stop();
    closing.set(instance, one.recorder.close(mark));
  };

  /** False: there is nothing to be followed. */
  const follow = async (instance: InstanceId, reader: CastReader, gone: AbortSignal): Promise<boolean> => {
    let more = true;
    let wake = () => {};
    const follower = {
      instance,
      more() {
        more = true;
        wake();
      },
    };
    gone.addEventListener('abort', () => wake());
    followers.add(follower);
    try {
      while (!gone.aborted) {
        more = false;
        if (!(await reader.readOn())) return false;
        if (!more && !gone.aborted)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
      return true;
    } finally {
      followers.delete(follower);
    }
  };

  const stopExits = panes.onExit((instance, _pid, exit) => end(instance, `session ended (${howOf(exit)})`));

  return {
    started(instance) {
      const pane = panes.get(instance);
      const ring = config.recording ?? null;
      if (ring === null || pane === null) return;
      end(instance, 'another session');
      const recorder = createRecorder({
        terminal: pane.terminal,
        folder: join(folder, instance),
        ring,
        title: instance,
        mark: 'session started',
        after: closing.get(instance),
        onWritten() {
          for (const follower of followers) if (follower.instance === instance) follower.more();
        },
        onTrouble: onTrouble(instance),
      });
      recorders.set(instance, { recorder, stop: pane.subscribe((bytes) => recorder.output(bytes)) });
    },
    note(line) {
      for (const [instance, { recorder }] of recorders) if (line.includes(instance)) recorder.mark(line);
    },
    async cast(instance, served) {
      await recorders.get(instance)?.recorder.flushed();
      const reader = openCast(join(folder, instance), (text) => served.part({ text }));
      try {
        const follows = served.request.args.follow === true;
        if (follows ? await follow(instance, reader, served.gone) : await reader.readOn()) return done('', null);
      } finally {
        await reader.close();
      }
      const why = (config.recording ?? null) === null ? 'set recording.enabled in coordtui.yaml' : 'start its session: coordtui new';
      return failure('notFound', `tail: nothing is recorded of ${instance}`, why);
    },
    async close() {
      stopExits();
      for (const instance of [...recorders.keys()]) end(instance, 'the room ended');
      await Promise.all(closing.values());
    },
  };
}

function howOf({ exitCode, signal }: PaneExit): string {
  return signal ?? `exit ${exitCode}`;
}
