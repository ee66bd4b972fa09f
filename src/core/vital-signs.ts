/** What is kept of an instance's signs of life: the five of P1's InstanceHealthCheck, and what explains a silence (PROTOCOL section 7). */
import type { InstanceId, Ms } from './ids.ts';

/** When something happened: by the wall clock for those who read it, and awake for what ages. */
export type Mark = { readonly at: Ms; readonly awake: Ms };

/** What a program has said it waits for. */
export type Asking = 'permission' | 'question' | 'auth';

/** `shared`: several instances work in this checkout, so it is nobody's sign. */
export type Commit = { readonly hash: string; readonly authorAt: Ms; readonly shared: boolean };

export type Vitals = {
  /** Newest of verb, status write, program-status report and a change of the screen outside a spinner. */
  readonly heartbeat: Mark | null;
  readonly statusWrite: Mark | null;
  readonly commit: (Commit & { readonly mark: Mark }) | null;
  /** Since when it has the work, or the phase of it, that it has now. */
  readonly given: Mark | null;
  /** When its session last began. */
  readonly started?: Mark;
  /** When its child processes were last seen to compute. */
  readonly busy: Mark | null;
  readonly asking: { readonly what: Asking; readonly since: Mark } | null;
  /** The message that it has not reacted to yet. */
  readonly prompted: Mark | null;
  /** From the last message to the first sign after it. */
  readonly responseMs: Ms | null;
  /** The last five decisions over its work, newest last. */
  readonly verdicts: readonly ('approve' | 'deny')[];
  /** What was said about this silence already; what it is given next ends that. */
  readonly told: readonly Untold[];
  /** Since when its session cannot be reached, and why: nobody knows what it does meanwhile. */
  readonly away?: { readonly why: string; readonly since: Mark; readonly alerted: boolean } | null;
};

/** What is said once about each silence. */
export type Untold = 'warning' | 'stale' | 'reminder' | 'urgent reminder' | 'unresponsive';

export const NO_VITALS: Vitals = {
  heartbeat: null,
  statusWrite: null,
  commit: null,
  given: null,
  busy: null,
  asking: null,
  prompted: null,
  responseMs: null,
  verdicts: [],
  told: [],
};

/** What was seen of one session at a look. Ages are by a clock that nobody sets. */
export type Observed = {
  readonly instance: InstanceId;
  /** Since the screen last changed outside a spinner, or the program last reported something new; null: not yet. */
  readonly signAgoMs: Ms | null;
  readonly busy: boolean;
  readonly asking: Asking | null;
  readonly commit: Commit | null;
  /** Since its program last began to say that it works; absent: it never said so. */
  readonly beganMsAgo?: number;
  /** Why its session, which is elsewhere, cannot be reached now. */
  readonly away?: string;
};
