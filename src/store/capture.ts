/**
 * Finds what others wrote: versions kept by the `mv` shim (links/), versions that came back from an exchange
 * (swap/), the status file, the inbox. Every version is handed out once and its file is kept until the record
 * about it is durable.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Foreign } from '../core/ports.ts';
import type { JsonObject } from '../core/tree.ts';
import { createEye, type Eye, idOf, type Look, type Stamp } from './eye.ts';
import { type InboxFile, listFolder, readDrop } from './inbox.ts';
import type { Layout } from './layout.ts';
import { parseDocument } from './limits.ts';
import type { Quarantine } from './quarantine.ts';
import { remove } from './remove.ts';
import { createSwap, type Displaced } from './swap.ts';
import { watchFolders } from './watch.ts';
import { startWitness } from './witness.ts';

export type CaptureOptions = {
  readonly layout: Layout;
  readonly quarantine: Quarantine;
  /** Whether the journal has a record with this id. */
  readonly journaled: (id: string) => boolean;
  /** Whether the document says nothing that was not there or was not merged before. */
  readonly carriesNothing: (document: JsonObject) => boolean;
  /** Something may have changed; carries nothing. */
  readonly poke: () => void;
  /** The program of the thread that looks at the status file all the time; null: none. */
  readonly witness: string | null;
};

type Source = Extract<Foreign, { kind: 'document' }>['source'];
/** Something that was seen and has not been thought about yet. */
type Sight = { readonly seen: Look; readonly at: 'now' | 'earlier' };
type Pending = { readonly foreign: Foreign; readonly files: Set<string>; readonly content: string | null };

/** So much is held in memory while nothing can be journaled (a full disk); the rest waits where it lies. */
const MAX_PENDING = 1_000;
/** Own versions that the witness may still tell of. */
const OWN_KEPT = 256;

export function createCapture(options: CaptureOptions) {
  const { layout, quarantine } = options;
  const status = createEye(layout.statusFile);
  let statusId: string | null = null;
  /** What the witness saw before our own last version was put in place. */
  let earlier: Sight[] = [];
  const ownStamps = new Set<Stamp>();
  const swap = createSwap(layout.swap);
  const links = new Map<string, Eye>();
  const pending = new Map<string, Pending>();
  let queue: Foreign[] = [];
  let stirred = false;

  /**
   * Order matters, else an older value would win over a newer one: what lies at the status file is read first and taken
   * last, since its link, and whatever was displaced before it, lies in its place by then.
   */
  function look(): void {
    if (pending.size >= MAX_PENDING) return;
    const now = witness.exclusively(() => [...witnessed('now'), { seen: status.look(), at: 'now' } as const]);
    lookAtLinks();
    const before = earlier;
    earlier = [];
    for (const sight of before) takeStatus(sight);
    for (const { path, eye } of swap.entries()) take(eye.look(), 'displaced', path);
    for (const sight of now) takeStatus(sight);
    lookAtInbox();
  }

  /** What the witness saw; a version that is still being written it will see again. */
  function witnessed(at: Sight['at']): Sight[] {
    return witness.heard().flatMap(({ stamp, bytes }) => {
      if (ownStamps.has(stamp)) return [];
      const parsed = parseDocument(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      if (!('document' in parsed)) return [];
      status.know(stamp);
      return [{ seen: { kind: 'version', stamp, id: idOf(stamp, bytes), document: parsed.document }, at }];
    });
  }

  function lookAtLinks(): void {
    // A name with a dot is still being written; the shim gives it its own when the version is whole.
    const files = listFolder(layout.links).filter(({ name }) => !name.startsWith('.'));
    for (const { path } of files) {
      const known = links.get(path);
      // A link is whole when it gets its name, and nobody writes to it: one that was reported is not looked at again.
      if (known !== undefined && known.stamp() !== null) continue;
      const eye = known ?? createEye(path);
      links.set(path, eye);
      take(eye.look(), 'link', path);
    }
    if (links.size <= files.length) return;
    const there = new Set(files.map(({ path }) => path));
    for (const path of links.keys()) if (!there.has(path)) links.delete(path);
  }

  function takeStatus({ seen, at }: Sight): void {
    if (at === 'now' && (seen.kind === 'version' || seen.kind === 'broken')) statusId = seen.id;
    if (seen.kind !== 'same' && seen.kind !== 'unsettled') stirred = true;
    take(seen, 'status', layout.statusFile);
  }

  function take(seen: Look, source: Source, path: string): void {
    if (seen.kind === 'unsettled') watch.hurry();
    if (seen.kind !== 'version' && seen.kind !== 'broken') return;
    const { id } = seen;
    const waiting = pending.get(id);
    // One inode in two places is one version, and both files stay until it is journaled.
    if (waiting !== undefined) waiting.files.add(path);
    else if (options.journaled(id)) forget(path);
    else if (seen.kind === 'broken') offer({ kind: 'broken', id, source, why: seen.why, quarantined: setAside(seen, source, path) }, []);
    else if (options.carriesNothing(seen.document)) forget(path);
    else takeDocument({ kind: 'document', id, source, document: seen.document }, path);
  }

  /** Of a copy of a version that waits already one record will do, and both files stay until it is durable. */
  function takeDocument(foreign: Extract<Foreign, { kind: 'document' }>, path: string): void {
    const content = createHash('sha256').update(JSON.stringify(foreign.document)).digest('hex');
    const twin = [...pending.values()].find((waiting) => waiting.content === content);
    if (twin === undefined) offer(foreign, [path], content);
    else twin.files.add(path);
  }

  function offer(foreign: Foreign, files: readonly string[], content: string | null = null): void {
    pending.set(foreign.id, { foreign, files: new Set(files), content });
    queue.push(foreign);
    stirred = true;
  }

  /**
   * Bytes are copied: an in-place writer may still finish the file itself. What holds none is moved out of the way.
   * A quarantine that cannot be written (a full disk) must not keep the refusal from being told.
   */
  function setAside(seen: Extract<Look, { kind: 'broken' }>, source: Source, path: string): string | null {
    try {
      return seen.bytes === null || source === 'link' ? quarantine.move(path, seen.why) : quarantine.copy(seen.bytes, path, seen.why);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return null;
    }
  }

  function lookAtInbox(): void {
    let room = MAX_PENDING - pending.size;
    for (const file of listFolder(layout.inboxNew)) {
      const id = `drop-${file.name}`;
      if (pending.has(id)) continue;
      if (options.journaled(id)) remove(file.path);
      else if (room-- > 0) takeDrop(file, id);
    }
  }

  function takeDrop(file: InboxFile, id: string): void {
    const read = readDrop(file);
    if ('gone' in read) return;
    if ('drop' in read) {
      offer({ kind: 'set', id, ...read.drop }, [file.path]);
      return;
    }
    let quarantined: string | null = null;
    try {
      quarantined = quarantine.move(file.path, read.issue);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
    offer(
      { kind: 'broken', id, source: `inbox/${basename(file.path)}`, why: read.issue, quarantined },
      quarantined === null ? [file.path] : [],
    );
  }

  /** Of what nobody waits for, links go at once; displaced files stay for late writers until their turn; the status file is the projection's. */
  function forget(path: string): void {
    if (!links.has(path)) return;
    links.delete(path);
    remove(path);
  }

  /** From timers and watchers: a system error becomes a poke, and the capture that follows meets and tells it. */
  function lookQuietly(): void {
    try {
      look();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      stirred = true;
    }
    if (!stirred) return;
    stirred = false;
    watch.hurry();
    options.poke();
  }

  const witness = startWitness(options.witness, { folder: layout.statusDir, file: layout.statusFile }, lookQuietly);
  const watch = watchFolders([layout.statusDir, layout.inboxNew, layout.links], lookQuietly);

  return {
    /** What is new since the last call, oldest first. Throws the system's errors; then nothing was handed out. */
    drain: (): readonly Foreign[] => {
      look();
      const found = queue;
      queue = [];
      stirred = false;
      return found;
    },
    pending: (id: string): Foreign | null => pending.get(id)?.foreign ?? null,
    /** The record with this id is durable: its files may go. */
    settle: (id: string): void => {
      const files = pending.get(id)?.files ?? [];
      pending.delete(id);
      // The journal knows the id from here on, so a file that stays is met again but never applied again.
      for (const path of files) if (path !== layout.statusFile && !swap.has(path)) remove(path);
      for (const path of files) links.delete(path);
    },
    /**
     * Puts our own new version in its place while nobody else looks at it. `replace` answers what lay there before.
     */
    publish: (own: Stamp, replace: () => Displaced | null): void => {
      const displaced = witness.exclusively(() => {
        earlier.push(...witnessed('earlier'));
        ownStamps.add(own);
        return replace();
      });
      const [oldest] = ownStamps;
      if (ownStamps.size > OWN_KEPT && oldest !== undefined) ownStamps.delete(oldest);
      if (displaced !== null) {
        const seen = displaced.stamp === status.stamp() || displaced.stamp === own;
        swap.add(displaced.path, seen ? displaced.stamp : null);
        if (displaced.stamp === status.stamp() && statusId !== null) pending.get(statusId)?.files.add(displaced.path);
      }
      status.know(own);
      statusId = null;
      const kept = new Set([...pending.values()].flatMap(({ files }) => [...files]));
      swap.prune((path) => kept.has(path));
      lookQuietly();
    },
    close: async (): Promise<void> => {
      watch.close();
      await witness.close();
    },
  };
}
