/** Everything that may be done to the world. The coordinator performs them in order: keep first, then speak. */
import type { HandoffId, InstanceId, Ms } from './ids.ts';
import type { MergeWords } from './integration.ts';
import type { CheckSpec, TreeRef } from './report.ts';
import type { Verdict } from './verdict.ts';

export const TEMPLATES = [
  'task-delegation',
  'failure-report',
  'remediation',
  'sign-off',
  'weekly-review',
  'monthly-review',
  'debugging-session',
  'replacement-handoff',
  'post-mortem',
] as const;
export type TemplateName = (typeof TEMPLATES)[number];

export type Effect =
  | {
      readonly type: 'verification.run';
      readonly handoff: HandoffId;
      readonly epoch: number;
      readonly instance: InstanceId;
      readonly base: TreeRef | null;
      readonly checks: readonly CheckSpec[];
      /** Files that the instance says it has made. */
      readonly artifacts?: readonly string[];
      /** The operator asked for it: no earlier result is used again. */
      readonly fresh?: boolean;
    }
  /** The judged work is merged onto the branch, in the room's own objects, and the merge is verified. */
  | {
      readonly type: 'integration.run';
      readonly handoff: HandoffId;
      readonly epoch: number;
      readonly instance: InstanceId;
      readonly branch: string;
      readonly judged: TreeRef;
      readonly words: MergeWords;
      readonly checks: readonly CheckSpec[];
    }
  /** The branch is moved from `onto` to the merge that was verified over it, or not at all. `at`: what the reflog says. */
  | {
      readonly type: 'integration.move';
      readonly handoff: HandoffId;
      readonly epoch: number;
      readonly instance: InstanceId;
      readonly branch: string;
      readonly commit: string;
      readonly onto: string;
      readonly at: Ms;
    }
  /** What merging the approved work into this checkout would bring is looked up. */
  | {
      readonly type: 'merge.look';
      readonly handoff: HandoffId;
      readonly from: InstanceId;
      readonly into: InstanceId;
      readonly judged: TreeRef;
    }
  | { readonly type: 'verification.cancel'; readonly handoff: HandoffId }
  /** `path` is relative to the workspace; its folder is made. A document never replaces one that exists. */
  | {
      readonly type: 'document.write';
      readonly path: string;
      readonly template: TemplateName;
      readonly values: Readonly<Record<string, string | null>>;
      /** What this instance's tree holds beyond the base is filled in as FILES and PATCH when the document is written. */
      readonly work?: { readonly instance: InstanceId; readonly base: TreeRef | null };
      /** What merging the approved work into the target's checkout would bring is filled in as MERGE. */
      readonly merge?: { readonly handoff: HandoffId; readonly from: InstanceId; readonly into: InstanceId; readonly judged: TreeRef };
    }
  /** `resume`: with its conversation, where the agent can. `adopted`: taken over from the user's tmux by this name. */
  | { readonly type: 'session.start'; readonly instance: InstanceId; readonly resume?: boolean; readonly adopted?: string }
  | { readonly type: 'session.stop'; readonly instance: InstanceId }
  | { readonly type: 'session.interrupt'; readonly instance: InstanceId }
  /** The verdict, sealed beside the round that it was spoken over; its hash comes home as an event. */
  | {
      readonly type: 'evidence.verdict';
      readonly handoff: HandoffId;
      readonly epoch: number;
      readonly evidence: { readonly path: string; readonly sha256: string };
      readonly verdict: Verdict;
    }
  /** Directories of bundles, relative to the workspace, and what nobody needs any more of the trees that they were about. */
  | { readonly type: 'evidence.remove'; readonly paths: readonly string[] }
  /** Look again at this time, without waiting for the next cycle. */
  | { readonly type: 'wake'; readonly at: Ms };
