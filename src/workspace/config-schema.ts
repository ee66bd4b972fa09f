/**
 * The shape of `coordtui.yaml` (INTERFACE "Config, in outline"). Every number's unit stands in its name; every bound is
 * here. What needs more than one value at once (known ids, cycles, order of times) is in `config-rules`.
 */
import { z } from 'zod';
import { DIALS } from '../core/config.ts';
import { parseCheckId, parseInstanceId, parseSshHost, parseTmuxName } from '../core/ids.ts';
import { integrationSettings } from './integration-settings.ts';
import { PRESETS } from './presets.ts';
import { shown } from './yaml-source.ts';

const TEBIBYTE = 1024 ** 4;
const DAY_MS = 86_400_000;

/** An object with exactly these keys; an unknown one is answered with those that are known. */
function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `known here: ${Object.keys(shape).join(', ')}` : undefined),
  });
}

const ms = (min: number, max = DAY_MS) => z.int().min(min).max(max);
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => shown(value, max) === value.trim(), 'holds control characters or more than one line');
const choice = <const Words extends readonly [string, ...string[]]>(...words: Words) => z.enum(words);

/** Relative, and never out of the workspace; links are looked at where the file system is at hand. */
const insidePath = text(4096).refine(
  (value) => !value.startsWith('/') && !value.startsWith('~') && !value.split('/').includes('..'),
  'must lie inside the workspace: a relative path without ".."',
);
const globs = z.array(insidePath).max(1000);
const instanceId = z.string().transform((value, context) => {
  const id = parseInstanceId(value);
  if (id !== null) return id;
  context.issues.push({ code: 'custom', input: value, message: 'must be lower-case letters, digits and hyphens, 64 at most' });
  return z.NEVER;
});
const checkId = z.string().transform((value, context) => {
  const id = parseCheckId(value);
  if (id !== null) return id;
  context.issues.push({ code: 'custom', input: value, message: 'must be letters, digits, dots, hyphens and underscores, 64 at most' });
  return z.NEVER;
});
/** Passed to a program: anything but the zero byte that would cut it. */
const argument = z
  .string()
  .max(4096)
  .refine((value) => !value.includes('\0'), 'holds a zero byte');

const environment = z.unknown().transform((value, context) => {
  const refuse = (message: string, ...path: string[]) => void context.issues.push({ code: 'custom', input: value, path, message });
  const variables: Record<string, string> = {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('must be a section of NAME: text');
  else
    for (const [name, content] of Object.entries(value)) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name === '__proto__') refuse('is not the name of a variable', name);
      else if (name.startsWith('COORDTUI_')) refuse("must not be set: it is one of coordtui's own variables", name);
      else if (typeof content !== 'string') refuse(`must be a text: write "${shown(String(content))}"`, name);
      else if (content.includes('\0') || content.length > 32_768) refuse('holds a zero byte, or more than 32768 characters', name);
      else variables[name] = content;
    }
  return variables;
});

const named = <Name extends string>(parse: (text: string) => Name | null, message: string) =>
  z.string().refine((value) => parse(value) !== null, message);
const tmuxName = named(parseTmuxName, 'must be letters, digits, hyphens and underscores, 64 at most');

/** `ssh` alone is no place: `config-rules` says so, where the message can stand at the right word. */
const sessionPlace = z.union([
  choice('pty', 'tmux', 'ssh'),
  section({ tmux: tmuxName }),
  section({
    ssh: named(parseSshHost, 'must be a host, or user@host, as ssh knows it'),
    tmux: tmuxName.optional(),
    directory: text(4096).optional(),
  }),
]);

/** Git has the last word, where it is at hand; what could be read as an option or as more than a name never gets there. */
const branch = text(200).refine(
  (value) =>
    /^[^-/.~^:?*[\\ ][^~^:?*[\\ ]*$/.test(value) && !/\.\.|@\{|\/\/|\/\.|\.lock$|[/.]$/.test(value) && value !== '@' && value !== 'HEAD',
  'cannot be the name of a branch',
);

const instance = section({
  id: instanceId,
  role: text(64).optional(),
  agent: z.enum(PRESETS).optional(),
  command: z.array(argument).min(1).max(256).optional(),
  cwd: insidePath.default('.'),
  worktree: branch.optional(),
  session: sessionPlace.default('pty'),
  files: globs.default([]),
  env: environment.prefault({}),
  resume: z.array(argument).min(1).max(256).optional(),
  restart: choice('on-failure', 'always', 'never').default('on-failure'),
});

const check = section({
  id: checkId,
  phase: choice('pre', 'integration').default('integration'),
  layer: text(64).default('component'),
  command: argument.min(1),
  cwd: insidePath.default('.'),
  timeoutMs: ms(100).default(600_000),
  critical: z.boolean().default(true),
  when: globs.default([]),
  needs: z.array(checkId).max(64).default([]),
  notRunExitCodes: z.array(z.int().min(1).max(255)).max(255).default([]),
  report: insidePath.nullable().default(null),
  coverage: insidePath.nullable().optional(),
  benchmark: z.boolean().default(false),
  reuse: z.boolean().optional(),
});

const benchmark = section({
  name: text(128),
  better: choice('lower', 'higher'),
  target: z.number().optional(),
  unit: text(32).optional(),
  tolerancePercent: z.number().min(0).max(1000).optional(),
});

const criterion = z.union([
  text(500).transform((words) => ({ text: words, check: null, informational: false })),
  section({ text: text(500), check: checkId.nullable().default(null), informational: z.boolean().default(false) }),
]);

/** Numbers of the policy that have no better home in another section; what is absent keeps its default. */
const policy = section({
  countdownMs: ms(0),
  undoMs: ms(0, 600_000),
  maxDenialsInARow: z.int().min(1).max(100),
  maxVoidRounds: z.int().min(0).max(100),
  gapTypes: z.array(text(128)).max(256),
  unusedTypes: z.array(text(128)).max(256),
  regressionPercent: z.number().min(0).max(1000),
  unclearPercent: z.number().min(0).max(1000),
  staleWarningMs: ms(1000),
  recoveryUrgentMs: ms(1000),
  recoveryRestartMs: ms(1000),
  recoveryMarkMs: ms(1000),
  recoverySettleMs: ms(0),
  busyAtMostMs: ms(1000),
  busyCpuPercent: z.number().min(1).max(10_000),
  awayAlertMs: ms(0),
  restartCap: z.int().min(0).max(100),
  restartWindowMs: ms(1000),
  restartBackoffMs: z.array(ms(0)).min(1).max(16),
  aheadRestMs: ms(50, 3_600_000),
  aheadSharePercent: z.number().min(1).max(100),
  alertsKept: z.int().min(1).max(10_000),
  evidenceMaxAgeMs: ms(0, 3660 * DAY_MS),
  evidenceMaxBytes: z.int().min(0).max(TEBIBYTE),
  handoffsWhole: z.int().min(0).max(100_000),
  handoffsWholeMs: ms(0, 3660 * DAY_MS),
  evidenceLookMs: ms(100, 30 * DAY_MS),
}).partial();

export const configSchema = section({
  instances: z.array(instance).min(1).max(64).optional(),
  /** Approved work from worktrees is merged into it, and verified there. */
  integration: section({ branch, checkout: choice('ask', 'follow').optional() }).optional(),
  /** Where the worktrees of instances lie. */
  worktrees: insidePath.default('.coordtui/worktrees'),
  coordination: section({
    monitorIntervalMs: ms(50, 3_600_000).optional(),
    autopilot: z.enum(DIALS).optional(),
    staleAfterMs: ms(1000).optional(),
  }).default({}),
  triggers: section({
    schema: globs.default([]),
    contracts: globs.default([]),
    responseTypes: globs.default([]),
    cooldownMs: ms(0).default(600_000),
    settleMs: ms(0).default(10_000),
  }).optional(),
  verification: section({
    parallelism: z.int().min(1).max(64).default(2),
    concurrency: z.int().min(1).max(16).optional(),
    in: choice('place', 'snapshot').default('place'),
    reuse: z.boolean().default(false),
    ahead: z.boolean().default(true),
    ignore: globs.default([
      '**/*.md',
      'LICENSE*',
      '**/package-lock.json',
      '**/pnpm-lock.yaml',
      '**/yarn.lock',
      '**/Cargo.lock',
      '**/go.sum',
    ]),
    checks: z.array(check).max(256).default([]),
    criteria: z.array(criterion).max(64).default([]),
    coverage: section({ minPercent: z.number().min(0).max(100) })
      .nullable()
      .default(null),
    benchmarks: z.array(benchmark).max(256).default([]),
    /** Read by the shipped checks themselves. */
    integration: integrationSettings.optional(),
  }).prefault({}),
  ack: section({ timeoutMs: ms(1000), urgentAfterMs: ms(1000), unresponsiveAfterMs: ms(1000) })
    .partial()
    .default({}),
  store: section({ engine: choice('files').default('files') }).prefault({}),
  mailbox: choice('workspace', 'home').default('workspace'),
  recording: section({
    enabled: z.boolean().default(true),
    maxBytes: z
      .int()
      .min(65_536)
      .max(4 * 1024 ** 3)
      .default(16 * 1024 ** 2),
    maxAgeMs: ms(60_000, 366 * DAY_MS).default(7 * DAY_MS),
  }).prefault({}),
  ui: section({
    leader: z
      .string()
      .regex(/^ctrl\+(space|[abdefgklnopqrstuvwxyz@\]\\^_])$/, 'must be ctrl+ and a key that panes can do without (ctrl+], ctrl+b)')
      .default('ctrl+]'),
    theme: choice('auto', 'dark', 'light').default('auto'),
    /** Command → key; which commands there are, and which keys are free, is known where the keys are. */
    keys: z.record(z.string().max(40), z.string().max(40)).default({}),
    scrollbackLines: z.int().min(0).max(200_000).default(5_000),
    mouse: z.boolean().default(true),
    clipboard: choice('write', 'off').default('write'),
    /** A program and its arguments; what is copied comes on its input, and the terminal is not asked. */
    copyCommand: z.array(argument).min(1).max(64).nullable().default(null),
    layout: choice('columns', 'main-stack', 'grid', 'one').default('columns'),
  }).prefault({}),
  notify: section({
    bell: z.boolean().default(true),
    desktop: z.boolean().default(false),
    command: z.array(argument).min(1).max(256).nullable().default(null),
    webhook: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .nullable()
      .default(null),
  }).prefault({}),
  policy: policy.default({}),
});

export type RawConfig = z.output<typeof configSchema>;
