/** Checks that a project evidently has already: `init` writes them into the config, where the user corrects them. */
import { copyPath, type ShippedCheck } from './check-copies.ts';
import type { Survey } from './survey.ts';

export type ProposedCheck = {
  readonly id: string;
  readonly phase: 'pre' | 'integration';
  readonly layer: string;
  readonly command: string;
  /** By these it says that it could not run. */
  readonly notRunExitCodes?: readonly number[];
  /** Where it was seen, as a comment beside it. */
  readonly seenIn: string;
};

type Row = Omit<ProposedCheck, 'command' | 'seenIn'> & { readonly scripts: readonly string[] };

/** Quick ones first: a failed pre check ends the round. */
const SCRIPTS: readonly Row[] = [
  { id: 'lint', phase: 'pre', layer: 'component', scripts: ['lint'] },
  { id: 'typecheck', phase: 'pre', layer: 'component', scripts: ['typecheck', 'type-check', 'check-types', 'tsc'] },
  { id: 'build', phase: 'pre', layer: 'component', scripts: ['build'] },
  { id: 'test', phase: 'integration', layer: 'component', scripts: ['test'] },
];

/** What `npm init` writes where a test should be. */
const NO_TEST = /no test specified/;

export function proposeChecks(survey: Survey): ProposedCheck[] {
  const proposals = [
    ...shipped(survey),
    ...fromPackageJson(survey),
    ...fromMakefile(survey),
    ...fromPython(survey),
    ...fromCompilers(survey),
  ];
  const taken = new Set<string>();
  // Two tools may both have a "test": the second is told apart by its tool.
  return proposals.map((check) => {
    const id = taken.has(check.id) ? `${check.id}-${check.command.split(' ')[0] ?? 'other'}` : check.id;
    taken.add(id);
    return { ...check, id };
  });
}

/** Packages of which one speaks and another answers. */
const SPEAKS = ['electron', 'express', 'fastify', 'hono', '@trpc/server', 'next', 'koa'];

/** The shipped checks that have something to read here. The cache's is left out: it needs probes, which only its owner can write. */
function shipped(survey: Survey): ProposedCheck[] {
  const manifest = survey.files.get('package.json')?.text ?? null;
  if (manifest === null) return [];
  const packages = dependenciesOf(manifest);
  const speaks = SPEAKS.find((name) => packages.has(name));
  const [folder] = survey.folders;
  const proposed: readonly [ShippedCheck, string, string | undefined][] = [
    ['verify-filesystem', 'filesystem', (folder ?? speaks) === undefined ? undefined : 'every file: conflict markers, half-written ones'],
    ['verify-database-schema', 'database', folder === undefined ? undefined : `${folder}/`],
    ['verify-ipc-contracts', 'ipc', speaks === undefined ? undefined : `package.json: ${speaks}`],
  ];
  return proposed.flatMap(([check, layer, seenIn]) =>
    seenIn === undefined
      ? []
      : [{ id: check.replace('verify-', ''), phase: 'pre', layer, command: `node ${copyPath(check)}`, notRunExitCodes: [2], seenIn }],
  );
}

function dependenciesOf(manifest: string): Set<string> {
  const sections = ['dependencies', 'devDependencies'].map((name) => sectionOf(manifest, name));
  return new Set(sections.flatMap((section) => Object.keys(section)));
}

function fromPackageJson(survey: Survey): ProposedCheck[] {
  const scripts = sectionOf(survey.files.get('package.json')?.text ?? null, 'scripts');
  const run = runner(survey);
  return SCRIPTS.flatMap(({ scripts: names, ...row }) => {
    const name = names.find((candidate) => typeof scripts[candidate] === 'string' && !NO_TEST.test(String(scripts[candidate])));
    return name === undefined ? [] : [{ ...row, command: `${run} ${name}`, seenIn: 'package.json' }];
  });
}

function sectionOf(text: string | null, name: string): Readonly<Record<string, unknown>> {
  if (text === null) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    const section: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : null;
    return typeof section === 'object' && section !== null ? Object.fromEntries(Object.entries(section)) : {};
  } catch {
    // A package.json that its own tools cannot read proposes nothing.
    return {};
  }
}

function runner({ files }: Survey): string {
  if (files.has('pnpm-lock.yaml')) return 'pnpm run';
  if (files.has('yarn.lock')) return 'yarn run';
  if (files.has('bun.lock') || files.has('bun.lockb')) return 'bun run';
  return 'npm run --silent';
}

function fromMakefile({ files }: Survey): ProposedCheck[] {
  const targets = new Set([...(files.get('Makefile')?.text ?? '').matchAll(/^([a-z][a-z-]*)\s*:(?!=)/gm)].map((match) => match[1]));
  const target = ['test', 'check'].find((name) => targets.has(name));
  return target === undefined
    ? []
    : [{ id: 'test', phase: 'integration', layer: 'component', command: `make ${target}`, seenIn: 'Makefile' }];
}

function fromPython({ files }: Survey): ProposedCheck[] {
  const speaksOfPytest = ['pyproject.toml', 'tox.ini', 'setup.cfg'].find((name) => /pytest/.test(files.get(name)?.text ?? ''));
  const seenIn = files.has('pytest.ini') ? 'pytest.ini' : speaksOfPytest;
  return seenIn === undefined ? [] : [{ id: 'test', phase: 'integration', layer: 'component', command: 'pytest -q', seenIn }];
}

function fromCompilers({ files }: Survey): ProposedCheck[] {
  const rows = [
    { file: 'Cargo.toml', command: 'cargo test' },
    { file: 'go.mod', command: 'go test ./...' },
  ];
  return rows
    .filter(({ file }) => files.has(file))
    .map(({ file, command }) => ({ id: 'test', phase: 'integration', layer: 'component', command, seenIn: file }));
}
