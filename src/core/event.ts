/** Everything that can happen. Time and randomness come in here: the core has neither. */
import type { Command } from './command.ts';
import type { Config } from './config.ts';
import type { HandoffId, InstanceId, Ms } from './ids.ts';
import type { Branched, Merging } from './integration.ts';
import type { RoundReport, TreeRef } from './report.ts';
import type { KeptBundle } from './retention.ts';
import type { Handoff } from './state.ts';
import type { Json, Path } from './tree.ts';
import type { WatchedFile } from './trigger-state.ts';
import type { Observed } from './vital-signs.ts';

/** Who speaks, computed once per connection (PROTOCOL section 1). */
export type Actor =
  | { readonly kind: 'operator'; readonly terminal: boolean; readonly name: string }
  | { readonly kind: 'instance'; readonly instance: InstanceId }
  | { readonly kind: 'check' }
  | { readonly kind: 'nobody' };

/** One change that somebody made to the status document from outside, after the three-way merge. */
export type Edit = { readonly path: Path; readonly value: Json | undefined };

export type Refused = { readonly path: Path; readonly value: Json | undefined; readonly why: string };

/** A field that two had changed from one revision: what stands there now and what was said instead (`both`: lists, joined). */
export type Conflict = {
  readonly path: Path;
  readonly base: Json | undefined;
  readonly ours: Json | undefined;
  readonly theirs: Json | undefined;
  readonly win: 'ours' | 'theirs' | 'both';
};

type Stamped = {
  readonly at: Ms;
  /** Fresh random hex digits, eight or more, from which new ids are drawn. */
  readonly seed: string;
  /** Time that counts (`awake`); absent: the wall clock is all there is. */
  readonly awake?: Ms;
  /** How far the wall clock has jumped since the event before, when it has. */
  readonly jump?: Ms;
};

export type Event = Stamped &
  (
    | {
        readonly type: 'room.started';
        readonly config: Config;
        readonly tree: TreeRef | null;
        /** The ground of those who work in a worktree of their own. */
        readonly grounds?: Readonly<Record<InstanceId, TreeRef | null>>;
        readonly sessionId: string;
      }
    /** `observed`: what was seen of the sessions at this look. */
    | { readonly type: 'tick'; readonly cause: string; readonly observed?: readonly Observed[] }
    | {
        readonly type: 'status.edited';
        readonly source: string;
        readonly edits: readonly Edit[];
        readonly refused: readonly Refused[];
        readonly conflicts?: readonly Conflict[];
      }
    | { readonly type: 'status.broken'; readonly source: string; readonly why: string; readonly quarantined: string | null }
    /** `recalled`: the handoffs that it names and only the journal has whole. */
    | {
        readonly type: 'command';
        readonly by: Actor;
        readonly command: Command;
        readonly tree: TreeRef | null;
        readonly recalled?: readonly Handoff[];
      }
    /** `adopted`: it is this session of the user's own tmux. */
    | { readonly type: 'pane.started'; readonly instance: InstanceId; readonly pid: number; readonly adopted?: string }
    | {
        readonly type: 'pane.exited';
        readonly instance: InstanceId;
        readonly pid: number;
        readonly exitCode: number | null;
        readonly signal: string | null;
      }
    | { readonly type: 'pane.failed'; readonly instance: InstanceId; readonly reason: string }
    | { readonly type: 'verification.finished'; readonly handoff: HandoffId; readonly epoch: number; readonly report: RoundReport }
    /** The way of approved work into its target's checkout, in a line; `files` would not merge. */
    | { readonly type: 'merge.seen'; readonly handoff: HandoffId; readonly way: string; readonly files: readonly string[] }
    | { readonly type: 'integration.finished'; readonly handoff: HandoffId; readonly epoch: number; readonly found: Merging }
    | { readonly type: 'integration.moved'; readonly handoff: HandoffId; readonly epoch: number; readonly found: Branched }
    /** All files that triggers are about, as they are now. */
    | { readonly type: 'sources.seen'; readonly files: readonly WatchedFile[] }
    /** The file says this now; null: it has faults, and could not act even if it were let. */
    | { readonly type: 'config.changed'; readonly config: Config | null; readonly problems: readonly string[] }
    /** The verdict over this round lies beside its evidence now. */
    | { readonly type: 'verdict.sealed'; readonly handoff: HandoffId; readonly epoch: number; readonly sha256: string }
    /** More evidence lies there, or older, than is to be kept: all of it. */
    | { readonly type: 'evidence.seen'; readonly bundles: readonly KeptBundle[] }
    | { readonly type: 'effect.failed'; readonly effect: string; readonly reason: string }
  );
