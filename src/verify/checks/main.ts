/** The shipped checks as programs: `coordtui verify-database-schema`, or a project's copy that starts it. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { IntegrationSettings } from '../../workspace/integration-settings.ts';
import { CONFIG_FILE } from '../../workspace/paths.ts';
import { type CheckResult, leaveReport, reportOf, textOf } from './finding.ts';
import { openProject, type ProjectFiles } from './project-files.ts';
import { readSettings, type Source } from './settings.ts';

/** PROTOCOL section 4: by this code the shipped checks say that they could not run. */
const DID_NOT_RUN = 2;

type Given = {
  readonly files: ProjectFiles;
  readonly settings: IntegrationSettings;
  readonly declared: readonly string[];
  readonly handed: readonly string[];
  readonly territory: readonly string[];
  readonly base: string | null;
  /** Where the settings say this. */
  readonly lineOf: (text: string) => { readonly file: string; readonly line: number };
};

type Check = { readonly layer: string; readonly summary: string; readonly run: (given: Given) => Promise<CheckResult> };

/** Each is loaded only when it runs: the compiler alone takes a second. */
const CHECKS: Readonly<Record<string, Check>> = {
  'verify-database-schema': {
    layer: 'database',
    summary: 'migrations, Prisma and Drizzle schemas or a SQLite file against TypeScript interfaces and queries',
    run: async ({ files, settings }) => (await import('./database/check.ts')).checkDatabase(files, settings.database),
  },
  'verify-ipc-contracts': {
    layer: 'ipc',
    summary: 'calls of the front end against routes, channels and procedures of the back end',
    run: async ({ files, settings }) => (await import('./ipc/check.ts')).checkIpc(files, settings.ipc),
  },
  'verify-cache-pipeline': {
    layer: 'cache',
    summary: 'probes that write a value and read it through each layer until all show it',
    run: async ({ files, settings, lineOf }) => (await import('./cache/check.ts')).checkCache(files.root, settings.cache, lineOf),
  },
  'verify-filesystem': {
    layer: 'filesystem',
    summary: 'declared files, territory, conflict markers and half-written files',
    run: async ({ files, settings, ...expected }) =>
      (await import('./filesystem/check.ts')).checkFilesystem(files, settings.filesystem, expected),
  },
};

const OPTIONS = {
  workspace: { type: 'string' },
  config: { type: 'string' },
  declared: { type: 'string', multiple: true },
  base: { type: 'string' },
  territory: { type: 'string', multiple: true },
  instance: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns the exit code: 0 passed, 1 failed, 2 did not run */
export async function main(argv: readonly string[]): Promise<number> {
  const [name = '', ...rest] = argv;
  const check = CHECKS[name];
  const wantsJson = rest.includes('--json');
  if (check === undefined) return didNotRun(name, wantsJson, `there is no check ${name}`, `known: ${Object.keys(CHECKS).join(', ')}`);
  try {
    const { values } = parseArgs({ args: rest, options: OPTIONS, strict: true, allowPositionals: false });
    if (values.help === true) return help(name, check);
    const root = rootOf(values.workspace);
    const reading = readSettings(root, values.config);
    if (!reading.ok) return didNotRun(name, wantsJson, reading.why, 'put that right first');
    const files = openProject(root, reading.settings.ignore);
    const instance = values.instance ?? process.env['COORDTUI_JUDGED_INSTANCE'] ?? '';
    const result = await check.run({
      files,
      settings: reading.settings,
      declared: values.declared ?? [],
      handed: values.declared === undefined ? lines(process.env['COORDTUI_DECLARED']) : [],
      territory: values.territory ?? listed(process.env['COORDTUI_TERRITORY']) ?? reading.territories.get(instance) ?? [],
      base: values.base ?? process.env['COORDTUI_BASE'] ?? null,
      lineOf: (text) => placeIn(reading.source, text),
    });
    if (!result.ran) return didNotRun(name, wantsJson, result.why, result.hint);
    const report = reportOf(name, check.layer, result);
    const place = process.env['COORDTUI_REPORT'];
    if (place !== undefined && place !== '') leaveReport(place, report);
    process.stdout.write(`${wantsJson ? JSON.stringify(report) : textOf(result, report)}\n`);
    return report.success ? 0 : 1;
  } catch (error) {
    // A defect of the check, or a disk that refused: in either case it has judged nothing.
    return didNotRun(name, wantsJson, error instanceof Error ? error.message : String(error), `see: coordtui ${name} --help`);
  }
}

/** null: nobody has said so. */
function listed(text: string | undefined): string[] | null {
  return text === undefined || text === '' ? null : lines(text);
}

function lines(text: string | undefined): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}

function placeIn(source: Source | null, text: string): { file: string; line: number } {
  const line = (source?.text ?? '').split('\n').findIndex((one) => one.includes(text)) + 1;
  return { file: source?.path ?? CONFIG_FILE, line: Math.max(1, line) };
}

function didNotRun(name: string, json: boolean, why: string, hint: string): number {
  if (json) process.stdout.write(`${JSON.stringify({ check: name, success: false, didNotRun: true, error: why, hint, violations: [] })}\n`);
  process.stderr.write(`${name} did not run: ${why}. ${hint[0]?.toUpperCase() ?? ''}${hint.slice(1)}\n`);
  return DID_NOT_RUN;
}

/** The tree to look at: where the check was started, or the project around that. Not `COORDTUI_WORKSPACE`: what is judged may be a copy of it. */
function rootOf(given: string | undefined): string {
  const start = realpathSync(given ?? process.cwd());
  if (given !== undefined) return start;
  for (let at = start; ; at = dirname(at)) {
    if ([CONFIG_FILE, '.git'].some((mark) => existsSync(join(at, mark)))) return at;
    if (dirname(at) === at) return start;
  }
}

function help(name: string, check: Check): number {
  process.stdout.write(`coordtui ${name}: ${check.summary}

  --workspace DIR   the tree to look at (default: around the current directory)
  --config FILE     settings (default: scripts/integration/verify.json, else verification.integration in coordtui.yaml)
  --declared PATH   a file that must exist (verify-filesystem; repeatable)
  --base COMMIT     what the work began from (verify-filesystem)
  --instance ID     whose work it is: it may touch what its files in coordtui.yaml say (verify-filesystem)
  --territory GLOB  what may be touched, instead (verify-filesystem; repeatable)
  --json            print the report

Exit: 0 passed, 1 failed, 2 did not run. The report is also written to $COORDTUI_REPORT.
`);
  return 0;
}
