/** The configuration as the rest of the program sees it: parsed, defaulted, trusted. `workspace/config` reads it. */
import type { CheckId, InstanceId, Ms } from './ids.ts';
import type { Policy } from './policy.ts';
import type { Benchmark, CheckSpec } from './report.ts';

export const COORDINATOR_ID = 'instance-3-coordinator' as InstanceId;

export type Dial = 'watch' | 'suggest' | 'countdown' | 'act';
export const DIALS: readonly Dial[] = ['watch', 'suggest', 'countdown', 'act'];

export type Arrangement = 'columns' | 'main-stack' | 'grid' | 'one';
export const ARRANGEMENTS: readonly Arrangement[] = ['columns', 'main-stack', 'grid', 'one'];

export type RestartPolicy = 'on-failure' | 'always' | 'never';

/** Where a session is. Absent in an instance: in a terminal of the room's own. */
export type SessionPlace =
  | { readonly kind: 'pty' }
  /** Lives on without the room, on a tmux server that coordtui starts; a session of this name in the user's own tmux is adopted. */
  | { readonly kind: 'tmux'; readonly name: string }
  /** On another machine, and there in a tmux session where one is named; `directory` is the one over there. */
  | { readonly kind: 'ssh'; readonly host: string; readonly tmux: string | null; readonly directory: string | null };

export type InstanceConfig = {
  readonly id: InstanceId;
  readonly role: string;
  /** The preset's name, or `command` when the config gives a command of its own. */
  readonly agent: string;
  /** null: this instance has no session (instance 3 without a helper). */
  readonly command: readonly string[] | null;
  /** Relative to the workspace; the workspace itself is `.`. */
  readonly cwd: string;
  /** The branch of its own worktree, which then stands at `cwd`; absent: it works in the workspace's own checkout. */
  readonly worktree?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly restart: RestartPolicy;
  /** The program with its last conversation: what a recovery starts; absent: the same command anew. */
  readonly resume?: readonly string[];
  readonly session?: SessionPlace;
};

export type Config = {
  readonly instances: readonly InstanceConfig[];
  readonly autopilot: Dial;
  readonly policy: Policy;
  /** Approved work from worktrees is merged into this branch, verified there, and never pushed. Absent: coordtui
   * merges nothing. `checkout`: whether a clean checkout of the branch is moved along with it. */
  readonly integration?: { readonly branch: string; readonly checkout?: 'ask' | 'follow' | undefined } | undefined;
  /** Absent: no trigger makes work. Globs below the workspace. */
  readonly triggers?:
    | {
        readonly schema: readonly string[];
        readonly contracts: readonly string[];
        readonly responseTypes: readonly string[];
        readonly cooldownMs: Ms;
        /** How long files must have been at rest. */
        readonly settleMs: Ms;
      }
    | undefined;
  readonly verification: {
    readonly parallelism: number;
    /** Where the checks run: in the judged tree itself, or in a copy of exactly that tree. */
    readonly in: 'place' | 'snapshot';
    /** Whether a check that passed is not run again while all that its result rests on is the same; never when the operator asks. */
    readonly reuse: boolean;
    /** Whether work that nobody has called ready yet is looked at: would it pass, does it merge. Absent: it is not. */
    readonly ahead?: boolean;
    readonly ignore: readonly string[];
    /** Figures that must be measured, by name, with what is asked of them; a check's own word about them counts for less. */
    readonly benchmarks?: readonly Omit<Benchmark, 'value'>[];
    readonly checks: readonly CheckSpec[];
    /** Free-text criteria: shown as boxes, they hold back the automatic approval until mapped or informational. */
    readonly criteria: readonly { readonly text: string; readonly check: CheckId | null; readonly informational: boolean }[];
  };
  /** What is kept of each session's screen; null or absent: nothing. */
  readonly recording?: { readonly maxBytes: number; readonly maxAgeMs: number } | null;
  readonly ui: {
    readonly leader: string;
    readonly scrollbackLines: number;
    readonly mouse: boolean;
    /** Whether what is copied may be written to the clipboard of the operator's terminal (OSC 52). */
    readonly clipboard: 'write' | 'off';
    /** Gets what is copied on its input, instead of the terminal. */
    readonly copyCommand: readonly string[] | null;
    /** How the panes stand side by side, until the operator has chosen for himself. */
    readonly layout: Arrangement;
    /** The operator's own keys: command → key. */
    readonly keys: Readonly<Record<string, string>>;
  };
};

/** What the status document calls it (P1). */
export function modeOf({ instances }: Config): string {
  return instances.length === 3 ? 'THREE_INSTANCE_AUTONOMOUS' : 'MULTI_INSTANCE_AUTONOMOUS';
}
