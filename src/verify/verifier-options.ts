/** What a verifier is given once, for all its rounds. */
import type { InstanceId } from '../core/ids.ts';
import type { Trees } from '../git/trees.ts';

export type VerifierOptions = {
  /** The workspace. */
  readonly root: string;
  /** Where an instance works; checks run in the tree that is judged for it. */
  readonly cwdOf: (instance: InstanceId) => string;
  readonly trees: Trees;
  /** The room's own directory for evidence; made on demand. */
  readonly evidenceDir: string;
  /** Checks at the same time, at least one. */
  readonly parallelism: number;
  /** `verification.ignore`: globs of files whose change neither voids a round nor needs a check. */
  readonly ignore: readonly string[];
  /** What checks inherit; the process's own environment when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Below the workspace; `coordtui.yaml` when absent. */
  readonly configPath?: string;
  /** Between SIGTERM and SIGKILL for a check that is ended; 5 s when absent. */
  readonly graceMs?: number;
  /** What is kept of one check's output; 64 MiB when absent. */
  readonly logCapBytes?: number;
  /** `snapshot`: the checks run in a directory of exactly the judged tree, which nothing else changes; `place` when absent. */
  readonly in?: 'place' | 'snapshot';
  /** Whether a check that failed is run again on the base; it is when absent. */
  readonly asksBase?: boolean;
  /** The checks give way to everything else that wants the processor. */
  readonly gently?: boolean;
  /** Whether the result of a check that passed may stand for another run of it, when all that it rests on is the same. */
  readonly reuse?: boolean;
};
