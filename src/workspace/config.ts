/** `coordtui.yaml` → the core's `Config`, or every fault in it at once with line and column (exit code 78). */
import { COORDINATOR_ID, type Config, type InstanceConfig, type SessionPlace } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import { DEFAULT_POLICY, type Policy } from '../core/policy.ts';
import { crossFaults, crossNotices, type Fault } from './config-rules.ts';
import { configSchema, type RawConfig } from './config-schema.ts';
import { faultsOf } from './issue-text.ts';
import { CONFIG_FILE } from './paths.ts';
import { presetCommand, presetResume } from './presets.ts';
import { type KeyPath, type Problem, readYaml, type Source, shown } from './yaml-source.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly notices: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type ConfigContext = {
  /** The user's $SHELL, which the preset `shell` starts. */
  readonly shell: string | undefined;
};

const NOTHING_WRITTEN: RawConfig = configSchema.parse({});

/** What holds in a workspace without a config: three instances, two of them shells, the coordinator without a session. */
export function defaultConfig(context: ConfigContext): Config {
  return build(NOTHING_WRITTEN, context);
}

/**
 * @param text the file's content; never throws on what stands in it
 * @param look more rules over the plain value, for what this file cannot see: the directories on the disk
 */
export function parseConfig(text: string, context: ConfigContext, look: (value: unknown) => readonly Fault[] = () => []): ParsedConfig {
  const source = readYaml(text);
  if (source.faults.length > 0) return { ok: false, problems: source.faults };
  const value = withoutEmptySections(source.value);
  const result = configSchema.safeParse(value, { reportInput: true });
  const problems = [
    ...(result.success ? [] : result.error.issues.flatMap((issue) => faultsOf(issue))).map((fault) => locate(source, fault, fault.isKey)),
    ...[...crossFaults(value), ...look(value)].map((fault) => locate(source, fault, false)),
  ];
  if (problems.length > 0 || !result.success) return { ok: false, problems: inOrder(problems) };
  return { ok: true, config: build(result.data, context), notices: crossNotices(value).map((fault) => locate(source, fault, true)) };
}

/** `coordtui.yaml:3:5: instances[0].agent must be one of …` */
export function problemLine(problem: Problem): string {
  const subject = problem.path === '' ? '' : `${problem.path} `;
  return `${CONFIG_FILE}:${problem.line}:${problem.column}: ${subject}${problem.message}`;
}

/** A section whose lines are all commented out says the same as no section. */
function withoutEmptySections(value: unknown): unknown {
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null));
}

function locate(source: Source, fault: Fault, isKey: boolean): Problem {
  const place = isKey ? source.keyAt(fault.path) : source.valueAt(fault.path);
  return { ...place, path: shown(dotted(fault.path), 200), message: fault.message };
}

function dotted(path: KeyPath): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${key}`)).join('');
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

const DEFAULT_INSTANCES: RawConfig['instances'] = configSchema.parse({
  instances: [
    { id: 'instance-1-planning-backend', role: 'backend', agent: 'shell' },
    { id: 'instance-2-frontend', role: 'frontend', agent: 'shell' },
  ],
}).instances;

function build(raw: RawConfig, context: ConfigContext): Config {
  const instances = withConversations(
    (raw.instances ?? DEFAULT_INSTANCES ?? []).map((instance) => instanceConfig(instance, raw.worktrees, context)),
  );
  const hasCoordinator = instances.some(({ id }) => id === COORDINATOR_ID);
  const { parallelism, ignore, checks, criteria, benchmarks } = raw.verification;
  return {
    // Instance 3 is coordtui itself (PROTOCOL section 1): it is there whether the config names it or not.
    instances: hasCoordinator ? instances : [...instances, coordinator()],
    autopilot: raw.coordination.autopilot ?? 'countdown',
    policy: policyOf(raw),
    ...(raw.integration === undefined ? {} : { integration: raw.integration }),
    ...(raw.triggers === undefined ? {} : { triggers: raw.triggers }),
    verification: {
      parallelism,
      in: raw.verification.in,
      reuse: raw.verification.reuse,
      ahead: raw.verification.ahead,
      benchmarks: benchmarks.map((one) => withoutUndefined(one)),
      ignore,
      checks: checks.map(({ benchmark: _later, ...check }) => check),
      criteria,
    },
    recording: raw.recording.enabled ? { maxBytes: raw.recording.maxBytes, maxAgeMs: raw.recording.maxAgeMs } : null,
    ui: uiOf(raw.ui),
  };
}

function uiOf({ leader, scrollbackLines, mouse, keys, clipboard, copyCommand, layout }: RawConfig['ui']): Config['ui'] {
  return { leader, scrollbackLines, mouse, keys, clipboard, copyCommand, layout };
}

function coordinator(): InstanceConfig {
  return { id: COORDINATOR_ID, role: 'coordinator', agent: 'none', command: null, cwd: '.', env: {}, files: [], restart: 'never' };
}

function instanceConfig(raw: NonNullable<RawConfig['instances']>[number], worktrees: string, context: ConfigContext): InstanceConfig {
  const { id, worktree, env, files, restart } = raw;
  const agent = raw.agent ?? (raw.command === undefined ? 'none' : 'command');
  const command = raw.command ?? (raw.agent === undefined ? null : presetCommand(raw.agent, context.shell));
  const session = placeOf(raw.session, id);
  return {
    id,
    role: raw.role ?? roleOf(id),
    agent,
    command,
    cwd: worktree === undefined ? raw.cwd : `${worktrees}/${id}`,
    ...(worktree === undefined ? {} : { worktree }),
    env,
    files,
    restart,
    ...(raw.resume === undefined ? {} : { resume: raw.resume }),
    ...(session.kind === 'pty' ? {} : { session }),
  };
}

/** A program takes up the newest conversation of its folder: where two of a kind work in one, that may be the other's, and none does. */
function withConversations(instances: readonly InstanceConfig[]): InstanceConfig[] {
  return instances.map((instance) => {
    const { id, agent, cwd, command } = instance;
    const resume = presetResume(agent);
    if (resume === null || instance.resume !== undefined || command?.join(' ') !== presetCommand(agent, undefined).join(' '))
      return instance;
    return instances.some((other) => other.id !== id && other.agent === agent && other.cwd === cwd) ? instance : { ...instance, resume };
  });
}

function placeOf(raw: NonNullable<RawConfig['instances']>[number]['session'], id: InstanceId): SessionPlace {
  if (raw === 'tmux') return { kind: 'tmux', name: id };
  if (typeof raw === 'string') return { kind: 'pty' };
  if (!('ssh' in raw)) return { kind: 'tmux', name: raw.tmux };
  return { kind: 'ssh', host: raw.ssh, tmux: raw.tmux ?? null, directory: raw.directory ?? null };
}

/** `instance-2-frontend` → `frontend` */
function roleOf(id: InstanceId): string {
  return id.replace(/^instance-\d+-/, '');
}

function policyOf(raw: RawConfig): Policy {
  const written: { readonly [Key in keyof Policy]?: Policy[Key] | undefined } = {
    ...raw.policy,
    monitorIntervalMs: raw.coordination.monitorIntervalMs,
    staleAfterMs: raw.coordination.staleAfterMs,
    ackReminderMs: raw.ack.timeoutMs,
    ackUrgentMs: raw.ack.urgentAfterMs,
    ackUnresponsiveMs: raw.ack.unresponsiveAfterMs,
    verificationConcurrency: raw.verification.concurrency,
    coverageMinPercent: raw.verification.coverage?.minPercent,
  };
  const set = Object.entries(written).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_POLICY, ...inProportion(raw.coordination.staleAfterMs), ...Object.fromEntries(set) };
}

/** A limit of staleness of one's own moves the warning before it and the rungs after it. */
function inProportion(staleAfterMs: number | undefined): Partial<Policy> {
  if (staleAfterMs === undefined) return {};
  const scaled = (key: 'staleWarningMs' | 'recoveryUrgentMs' | 'recoveryRestartMs' | 'recoveryMarkMs' | 'busyAtMostMs') =>
    Math.round((DEFAULT_POLICY[key] * staleAfterMs) / DEFAULT_POLICY.staleAfterMs);
  return {
    staleWarningMs: scaled('staleWarningMs'),
    recoveryUrgentMs: scaled('recoveryUrgentMs'),
    recoveryRestartMs: scaled('recoveryRestartMs'),
    recoveryMarkMs: scaled('recoveryMarkMs'),
    busyAtMostMs: scaled('busyAtMostMs'),
  };
}

function withoutUndefined<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;
}
