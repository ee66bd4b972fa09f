/** What is remembered of the watched sources, so that one change makes one assignment (PROTOCOL section 6). */
import type { HandoffId, InstanceId, Ms } from './ids.ts';

export type SourceKind = 'schema' | 'contracts' | 'responseTypes';

/** A file that one of the configured globs names. `owners`: in whose territory it lies. */
export type WatchedFile = {
  readonly path: string;
  readonly hash: string;
  readonly kinds: readonly SourceKind[];
  readonly owners: readonly InstanceId[];
};

export type Triggers = {
  /** Path → kinds and hash, as last seen; null: never looked. */
  readonly files: Readonly<Record<string, string>> | null;
  /** Changed, and not yet anybody's work. `since`: time that counts. */
  readonly dirty: readonly {
    readonly path: string;
    readonly kind: SourceKind;
    readonly state: string;
    readonly owners: readonly InstanceId[];
    readonly since: Ms;
  }[];
  readonly fired: Readonly<Record<string, Ms>>;
  readonly lastAt: Readonly<{ [Kind in SourceKind]?: Ms }>;
  /** What a round found without a caller, until its handoff is approved. */
  readonly unused: Readonly<Record<HandoffId, readonly string[]>>;
};
