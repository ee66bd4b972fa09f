/** Which files define a database, in which order, and which of them lead back. */
import type { ProjectFiles } from '../project-files.ts';
import { type Script, type Statement, splitScript } from '../sql/split.ts';
import type { ProgramMigration } from './program-migrations.ts';

export type Migration = {
  readonly name: string;
  /** What orders it and must be its own: a number, a date, `1.2`; null where the name begins with none. */
  readonly version: string | null;
  readonly file: string;
  readonly up: readonly Statement[];
  /** null: nothing claims that there is a way back. */
  readonly down: readonly Statement[] | null;
  readonly downFile: string | null;
  /** Its name promises a partner (`x.up.sql`). */
  readonly promisesDown: boolean;
  /** It says of itself that there is no way back. */
  readonly isOneWay: boolean;
};

export type MigrationSet = { readonly folder: string; readonly migrations: readonly Migration[]; readonly isHistory: boolean };

const DEFINES = /\b(?:CREATE|ALTER|DROP)\s+(?:\w+\s+){0,3}(?:TABLE|INDEX|VIEW|TYPE)\b/i;
const NUMBERED = /^[VUR]?(\d+(?:[._]\d+)*)(?=[._-])/;
const ONE_WAY = /irreversible|not reversible|cannot be (?:undone|reversed|rolled back)|no way back|one-way/i;
const SEEDS = /(^|\/)(?:seeds?|fixtures?|samples?|queries|query|dumps?|backups?|test|tests|__tests__)(\/|$)|seed[^/]*\.sql$/i;

type Part = {
  readonly path: string;
  readonly folder: string;
  readonly stem: string;
  readonly way: 'up' | 'down';
  readonly paired: boolean;
};

/** @param programs migrations that are programs; those in a folder of SQL stand in one order with it */
export function findMigrations(
  files: ProjectFiles,
  globs: readonly string[] | null,
  programs: readonly ProgramMigration[] = [],
): MigrationSet[] {
  const wanted =
    globs === null
      ? files.paths.filter((path) => path.endsWith('.sql') && !SEEDS.test(path))
      : files.matching(globs).filter((path) => path.endsWith('.sql'));
  const folders = new Map<string, Part[]>();
  for (const path of wanted) {
    const part = partOf(path);
    if (part.way === 'up' && !part.paired && !isMigrationName(path) && !DEFINES.test(files.read(path) ?? '')) continue;
    folders.set(part.folder, [...(folders.get(part.folder) ?? []), part]);
  }
  const written = programs.map((one) => ({ folder: one.file.split('/').slice(0, -1).join('/'), migration: fromProgram(files, one) }));
  const all = new Set([...folders.keys(), ...written.map(({ folder }) => folder)]);
  return [...all].map((folder) => {
    const parts = folders.get(folder) ?? [];
    const own = written.filter((one) => one.folder === folder).map(({ migration }) => migration);
    const isHistory = globs !== null || own.length > 0 || parts.some((part) => isMigrationName(part.path));
    return { folder, isHistory, migrations: ordered(files, folder, [...migrationsOf(files, parts), ...own]) };
  });
}

function fromProgram(files: ProjectFiles, { file, up, down, isOneWay }: ProgramMigration): Migration {
  const stem = (file.split('/').at(-1) ?? '').replace(/\.[cm]?[jt]s$/, '');
  return {
    name: stem,
    version: versionOf(stem),
    file,
    up,
    down,
    downFile: down === null ? null : file,
    promisesDown: false,
    // What only moves rows has no schema to restore.
    isOneWay: isOneWay || up.length === 0 || ONE_WAY.test(files.read(file) ?? ''),
  };
}

function isMigrationName(path: string): boolean {
  const name = path.split('/').at(-1) ?? '';
  return NUMBERED.test(name) || name === 'migration.sql' || /(^|\/)(?:migrations?|migrate|drizzle|changelog)(\/|$)/i.test(path);
}

/** `a/0001_x.up.sql`, `a/up/0001_x.sql`, `a/0001_x/up.sql`, `a/0001_x/migration.sql`, `a/V1__x.sql` with `a/U1__x.sql`. */
function partOf(path: string): Part {
  const segments = path.split('/');
  const file = (segments.pop() ?? '').replace(/\.sql$/i, '');
  const last = segments.at(-1) ?? '';
  const at = (folder: readonly string[], stem: string, way: string, paired: boolean): Part => ({
    path,
    folder: folder.join('/'),
    stem,
    way: /^(down|undo|rollback|revert)$/i.test(way) ? 'down' : 'up',
    paired,
  });
  if (/^(?:up|down|migration)$/i.test(file)) return at(segments.slice(0, -1), last, file, !/^migration$/i.test(file));
  if (/^(?:up|down|undo|rollback|rollbacks)$/i.test(last)) return at(segments.slice(0, -1), file, last.replace(/s$/i, ''), true);
  const suffix = /^(.*?)[._-](up|down|undo|rollback|revert)$/i.exec(file);
  if (suffix !== null) return at(segments, suffix[1] ?? file, suffix[2] ?? 'up', true);
  const flyway = /^([VU])(\d[\d._]*)__(.*)$/.exec(file);
  if (flyway !== null) return at(segments, `${flyway[2]}__${flyway[3]}`, flyway[1] === 'U' ? 'down' : 'up', false);
  return at(segments, file, 'up', false);
}

function migrationsOf(files: ProjectFiles, parts: readonly Part[]): Migration[] {
  const script = (part: Part | undefined): Script | null =>
    part === undefined ? null : splitScript(files.read(part.path) ?? '', part.path);
  return parts
    .filter((part) => part.way === 'up')
    .map((part) => {
      const partner = parts.find(
        (other) =>
          other.way === 'down' &&
          (other.stem === part.stem || (versionOf(other.stem) !== null && versionOf(other.stem) === versionOf(part.stem))),
      );
      const own = script(part);
      const back = script(partner)?.up ?? own?.down ?? null;
      const text = `${files.read(part.path) ?? ''}${partner === undefined ? '' : files.read(partner.path)}`;
      return {
        name: part.stem,
        version: versionOf(part.stem),
        file: part.path,
        up: own?.up ?? [],
        down: back,
        downFile: partner?.path ?? (own?.down == null ? null : part.path),
        promisesDown: part.paired,
        isOneWay: ONE_WAY.test(text),
      };
    });
}

function versionOf(stem: string): string | null {
  return NUMBERED.exec(`${stem}_`)?.[1] ?? null;
}

/** As their tool applies them: Drizzle by its journal, the others by version, those without one (repeatable) last. */
function ordered(files: ProjectFiles, folder: string, migrations: readonly Migration[]): Migration[] {
  const journal = journalOf(files, folder);
  const rank = (migration: Migration) => journal?.indexOf(migration.name) ?? -1;
  return [...migrations].sort((a, b) => {
    if (rank(a) >= 0 && rank(b) >= 0) return rank(a) - rank(b);
    if (a.version === null || b.version === null) return a.version === b.version ? compare(a.name, b.name) : a.version === null ? 1 : -1;
    return byVersion(a.version, b.version) || compare(a.name, b.name);
  });
}

function byVersion(a: string, b: string): number {
  const [left, right] = [a.split(/[._]/).map(BigInt), b.split(/[._]/).map(BigInt)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at] ?? 0n, right[at] ?? 0n];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The migrations that Drizzle's journal lists, in its order; null without one. */
export function journalOf(files: ProjectFiles, folder: string): string[] | null {
  const text = files.read(`${folder}/meta/_journal.json`);
  if (text === null) return null;
  try {
    const { entries } = JSON.parse(text) as { entries?: { tag?: unknown }[] };
    return (entries ?? []).flatMap((entry) => (typeof entry.tag === 'string' ? [entry.tag] : []));
  } catch {
    // Half-written or merged badly: whoever looks at the files themselves says so.
    return null;
  }
}
