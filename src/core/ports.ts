/** What the coordinator needs of the outside world: types only. Adapters implement them, `room` joins the two. */

import type { Effect } from './effect.ts';
import type { Conflict, Edit, Refused } from './event.ts';
import type { CheckId, HandoffId, InstanceId, Ms } from './ids.ts';
import type { Branched, Merging } from './integration.ts';
import type { CheckReport, CheckSpec, RoundReport, TreeRef } from './report.ts';
import type { Json, JsonObject, Op } from './tree.ts';
import type { Verdict } from './verdict.ts';

/** What one record of the journal says, apart from what the store adds (version, seq, time, chain). */
export type Entry = {
  /** `coord` for a step of the coordinator, `ext` for a merged foreign document, `set` for an inbox drop. */
  readonly kind: 'coord' | 'ext' | 'set' | 'reject';
  /** The same id is never applied twice; null for steps that nobody could repeat. */
  readonly id: string | null;
  /** The event, as data, for explain and replay; never needed for recovery. */
  readonly event: Json;
  readonly ops: readonly Op[];
  /** What a merge adds for the reader: source, base revision, conflicts, what was dropped. */
  readonly note?: JsonObject;
};

/** Something that somebody outside has written: a version of the status file, or one drop in the inbox. */
export type Foreign =
  | {
      readonly kind: 'document';
      readonly id: string;
      readonly source: 'status' | 'link' | 'displaced' | 'swap';
      readonly document: JsonObject;
    }
  | {
      readonly kind: 'set';
      readonly id: string;
      readonly op: 'set' | 'incr';
      readonly path: readonly string[];
      readonly value: Json;
      readonly by: string;
      readonly ifRevision: number | null;
    }
  | { readonly kind: 'broken'; readonly id: string; readonly source: string; readonly why: string; readonly quarantined: string | null };

export type Merged = {
  readonly base: number | null;
  readonly edits: readonly Edit[];
  readonly refused: readonly Refused[];
  readonly conflicts: readonly Conflict[];
};

/**
 * A fold that runs ahead of the journal, for what is going to be appended in one go: what is merged next knows of what
 * was merged before. Whoever appends anything else begins a new one.
 */
export interface Ahead {
  /** Three-way merge against the document as it will be after what was added. */
  merge(foreign: Foreign): Merged;
  add(entry: Entry): void;
}

export interface Store {
  /** Sequence number of the last durable record. */
  seq(): number;
  /**
   * Resolves with the last record's seq once all are durable: one record each, in this order, in one write. Rejects with
   * `StoreError`; then nothing was applied.
   */
  append(...entries: readonly Entry[]): Promise<number>;
  /** Writes the status file from the store's own fold of the journal, stamped with `revision` and `storeId`. */
  project(): Promise<void>;
  /** What was written outside since the last call, oldest first; never the same version twice. */
  capture(): Promise<readonly Foreign[]>;
  /** Merging from the store's fold on. Pure reading; changes nothing. */
  ahead(): Ahead;
  /** The record of this foreign input is durable: its inbox file, link or displaced copy may go. */
  settle(foreign: Foreign): Promise<void>;
  /** Called without content whenever something outside may have changed. Returns the unsubscriber. */
  onPoke(listener: () => void): () => void;
  close(): Promise<void>;
}

export type StoreErrorCode = 'conflict' | 'full' | 'fenced' | 'unavailable' | 'corrupt';

export type SuiteRequest = {
  readonly handoff: HandoffId;
  readonly epoch: number;
  readonly instance: InstanceId;
  readonly base: TreeRef | null;
  readonly checks: readonly CheckSpec[];
  /** Files that the work is said to have made, as the instance named them: foreign text. */
  readonly artifacts?: readonly string[];
  /** Globs of what the instance may touch; absent: as the config says. */
  readonly territory?: readonly string[];
  /** Somebody wants to see it run: no earlier result is used again. */
  readonly fresh?: boolean;
  /** Judge this tree, in a copy of it, and not the one that stands there now. */
  readonly tree?: TreeRef;
};

export type SuiteListener = {
  started(check: CheckId, pid: number): void;
  output(check: CheckId, bytes: Uint8Array): void;
  finished(report: CheckReport): void;
};

export interface RunningSuite {
  readonly done: Promise<RoundReport>;
  /** Ends every check's process group; `done` then resolves with `cancelled: true`. */
  cancel(): void;
}

export interface Verifier {
  run(request: SuiteRequest, listener: SuiteListener): RunningSuite;
}

export interface EvidenceKeeper {
  /** Writes the verdict beside the bundle, read-only; answers the file's sha256. Rejects with one sentence. */
  sealVerdict(of: {
    readonly handoff: HandoffId;
    readonly epoch: number;
    readonly evidence: { readonly path: string; readonly sha256: string };
    readonly verdict: Verdict;
  }): Promise<string>;
  /** Removes these bundles, and the objects of trees that nobody needs any more. Rejects with one sentence. */
  remove(paths: readonly string[]): Promise<void>;
}

/** Brings approved work into the branch that gathers it (PROTOCOL section 5). Neither answer rejects. */
export interface Integrator {
  run(
    request: Pick<
      Extract<Effect, { type: 'integration.run' }>,
      'handoff' | 'epoch' | 'instance' | 'branch' | 'judged' | 'words' | 'checks'
    >,
    listener: SuiteListener,
  ): { readonly done: Promise<Merging>; cancel(): void };
  move(
    request: Pick<Extract<Effect, { type: 'integration.move' }>, 'handoff' | 'instance' | 'branch' | 'commit' | 'onto' | 'at'>,
  ): Promise<Branched>;
}

export type PaneExit = { readonly exitCode: number | null; readonly signal: string | null };

/** `adopted`: it is this session of the user's own tmux. */
export type Started = { readonly pid: number; readonly adopted?: string } | { readonly failed: string };

export interface Panes {
  /** `resume`: with its conversation, where the agent can. `adopted`: the tmux session, not started here, that becomes the instance's. */
  start(instance: InstanceId, resume?: boolean, adopted?: string | null): Started | Promise<Started>;
  /** Ends the whole session, hard after a grace; resolves when no process of it is left. */
  stop(instance: InstanceId): Promise<void>;
  interrupt(instance: InstanceId): void;
  onExit(listener: (instance: InstanceId, pid: number, exit: PaneExit) => void): () => void;
}

export interface Documents {
  /** Fills the template and writes it below the workspace. Answers an error sentence, or null. */
  /** What an instance's tree holds beyond its base: a list of files, and the path of a patch beside the document. */
  work?(
    of: { readonly instance: InstanceId; readonly base: TreeRef | null },
    path: string,
  ): Promise<{ FILES: string; PATCH: string | null }>;
  /** The way of approved work into the target's checkout, in words; `conflicts`: the files that would not merge. */
  merge?(of: {
    readonly from: InstanceId;
    readonly into: InstanceId;
    readonly judged: TreeRef;
  }): Promise<{ readonly MERGE: string /** The same in a line. */; readonly way: string; readonly conflicts: readonly string[] }>;
  write(path: string, template: string, values: Readonly<Record<string, string | null>>): Promise<string | null>;
}

export interface Clock {
  now(): Ms;
  /** A clock that nobody sets and that stands still while the machine sleeps; absent: the wall clock. */
  steady?(): Ms;
  seed(): string;
  /** Calls once at that time; the returned function cancels it. */
  at(time: Ms, call: () => void): () => void;
}
