/** `coordtui doctor`: P1's checklist over facts that are looked at now, then the machine; `--fix` where that is safe. */
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { VERSION } from '../client/version.ts';
import { checklist, checklistText, type Facts, type SessionFacts } from '../core/checklist.ts';
import type { Config } from '../core/config.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import { fill } from '../core/template.ts';
import { isObject, type Json, type JsonObject } from '../core/tree.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import { applyPlan } from '../workspace/apply-plan.ts';
import { planInit } from '../workspace/init.ts';
import { loadConfig } from '../workspace/load-config.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { AGENTS_PAGE } from '../workspace/pages.ts';
import { readRehearsals } from '../workspace/rehearsed.ts';
import { surveyProject } from '../workspace/survey.ts';
import { type Context, reach } from './context.ts';
import { machineLines } from './machine.ts';

const REHEARSED = ['first-handoff', 'crash', 'stale', 'emergency', 'escalation', 'debugging'] as const;

export async function doctor(context: Context): Promise<Reply> {
  const loaded = loadConfig(context.paths.root, { shell: process.env.SHELL });
  if (!loaded.ok)
    return failure(
      'badConfig',
      `doctor: ${loaded.problems.length === 1 ? 'one fault' : `${loaded.problems.length} faults`} in coordtui.yaml`,
      'coordtui serve names each with its line',
    );
  if (context.args.fix === true) await fix(context);
  const lines = [...checklist(await gather(context, loaded.config)), ...machineLines(loaded.config)];
  const failed = lines.filter(({ mark }) => mark === 'fail').length;
  const warned = lines.filter(({ mark }) => mark === 'warn').length;
  const sum = `${lines.length - failed - warned} well, ${warned} to look at, ${failed} missing`;
  const text = [...checklistText(lines), '', sum].join('\n');
  if (failed === 0) return done(text, lines as unknown as Json);
  // The lines are the answer; the exit code says that it is no.
  context.say(context.json ? JSON.stringify(lines) : text);
  return failure(
    'no',
    `doctor: ${failed} of ${lines.length} lines are not as they should be`,
    'each names its repair; coordtui doctor --fix does what is safe',
  );
}

async function gather(context: Context, config: Config): Promise<Facts> {
  const { paths } = context;
  const room = await askRoom(context);
  const outcomes = isObject(room?.outcomes ?? null) ? (room?.outcomes as JsonObject) : {};
  const number = (value: Json | undefined) => (typeof value === 'number' ? value : 0);
  return {
    room: room === null ? null : { lastLookMs: number(room.lastLookMs), intervalMs: number(room.intervalMs) },
    checks: config.verification.checks.map(({ id, command, cwd }) => {
      const program = firstWord(command);
      const found = program === null || isProgram(program, join(paths.root, cwd));
      const outcome = outcomes[id];
      return { id, program, found, outcome: typeof outcome === 'string' ? outcome : null };
    }),
    statusTrouble: statusTrouble(paths.statusDir, paths.statusFile),
    pages: pagesOf(paths.root),
    decided: room === null ? null : number(room.decided),
    sessions: room === null ? [] : (room.sessions as unknown as readonly SessionFacts[]),
    templateTroubles: templateTroubles([paths.templatesDir, join(packageRoot(), 'templates')]),
    rehearsals: Object.fromEntries(
      Object.entries(readRehearsals()).map(([name, { passed, at, version }]) => [
        name,
        { passed, version, agoMs: Math.max(0, Date.now() - at) },
      ]),
    ),
    benchmarks: { recorded: number(room?.recordedBenchmarks), configured: 0 },
    version: VERSION,
  };
}

async function askRoom(context: Context): Promise<JsonObject | null> {
  const reached = await reach(context);
  if (!reached.ok) {
    if (reached.reason !== 'no-room') context.warn(`${reached.message}; ${reached.hint}`);
    return null;
  }
  const reply = await reached.connection.request('doctor', {});
  reached.connection.close();
  return reply.ok && isObject(reply.data) ? reply.data : null;
}

/** The program that a command line begins with; null when it begins with something that only a shell understands. */
function firstWord(command: string): string | null {
  const word = command.trim().split(/\s+/u)[0] ?? '';
  return /^[A-Za-z0-9_./+-]+$/u.test(word) &&
    !['cd', 'if', 'for', 'while', 'test', 'exec', 'set', 'export', 'true', 'false', 'exit', '.'].includes(word)
    ? word
    : null;
}

function isProgram(name: string, cwd: string): boolean {
  const places = name.includes('/')
    ? [join(name.startsWith('/') ? '' : cwd, name)]
    : (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, name));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) return false;
      throw error;
    }
  });
}

function statusTrouble(dir: string, file: string): string | null {
  try {
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    JSON.parse(readFileSync(file, 'utf8'));
    return null;
  } catch (error) {
    if (error instanceof SyntaxError) return `${file} is no JSON: ${error.message}`;
    if (error instanceof Error && 'syscall' in error) return error.message;
    throw error;
  }
}

function pagesOf(root: string): Facts['pages'] {
  const text = (path: string) => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) return '';
      throw error;
    }
  };
  const page = text(AGENTS_PAGE);
  return { agents: page !== '', escalation: page !== '' && text('status/README.md') !== '' };
}

/** Filled with a word for each variable: what is still open then can never be delivered. */
function templateTroubles(dirs: readonly string[]): string[] {
  return dirs.flatMap((dir) => {
    let names: string[];
    try {
      names = readdirSync(dir).filter((name) => name.endsWith('.md'));
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) return [];
      throw error;
    }
    return names.flatMap((name) => {
      const text = readFileSync(join(dir, name), 'utf8');
      const values = Object.fromEntries([...text.matchAll(/\b[A-Z][A-Z0-9_]*\b/gu)].map(([word]) => [word, 'word']));
      const filled = fill(text, values);
      return filled.ok ? [] : [`${join(dir, name)}: ${filled.error}`];
    });
  });
}

/** What overwrites nothing and starts nothing in the workspace: the pages of `init`, and the rehearsals, which have their own. */
async function fix(context: Context): Promise<void> {
  const applied = applyPlan(
    context.paths.root,
    planInit(surveyProject(context.paths.root), { pattern: 'web', agents: new Map(), createAgentsFile: false }),
  );
  for (const one of applied) context.warn(`${one.action} ${one.path}`);
  const played = readRehearsals();
  for (const scenario of REHEARSED) {
    if (played[scenario]?.passed === true && played[scenario]?.version === VERSION) continue;
    context.warn(`rehearsing ${scenario}; this takes up to a minute`);
    const reply = await rehearse({ scenario, keep: false, packageRoot: packageRoot(), say: () => {} });
    if (!reply.ok) context.warn(`${reply.message}; ${reply.hint}`);
  }
}
