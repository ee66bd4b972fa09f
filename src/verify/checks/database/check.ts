/** verify-database-schema (PROTOCOL section 4, check 1). */
import { join } from 'node:path';
import { counted } from '../../../core/counted.ts';
import type { DatabaseSettings } from '../../../workspace/integration-settings.ts';
import { openCode } from '../code.ts';
import type { CheckResult, Finding } from '../finding.ts';
import { dependenciesOf, isTestFile, type ProjectFiles } from '../project-files.ts';
import { applyStatement, newFold } from '../sql/fold.ts';
import { type Dialect, loadParser } from '../sql/parse.ts';
import { type Column, emptySchema, keyOf, type Schema } from '../sql/schema.ts';
import { split } from '../sql/split.ts';
import { compareShapes } from './compare.ts';
import { dialectOf } from './dialect.ts';
import { readDrizzle } from './drizzle.ts';
import { foldHistory, journalFindings } from './history.ts';
import { driftFindings, keyFindings } from './keys.ts';
import { readLive } from './live.ts';
import { findMigrations, type MigrationSet } from './migration-files.ts';
import { pairUp } from './pairs.ts';
import { readPrisma } from './prisma.ts';
import { programMigrations } from './program-migrations.ts';
import { type QueryCounts, queryFindings } from './queries.ts';
import { shapesOf } from './shapes.ts';
import { sqlIn } from './statements.ts';

const LIVE = /(^|\/)(?:data|db|database|prisma|storage|var)\/[^/]+\.(?:db|sqlite3?)$|^[^/]+\.(?:db|sqlite3?)$/;

export async function checkDatabase(files: ProjectFiles, settings: DatabaseSettings): Promise<CheckResult> {
  await loadParser();
  const code = openCode(files, (path) => !isTestFile(path));
  const texts = code.files.map((file) => ({ file, ...sqlIn(code, file) }));
  const prisma = files.paths
    .filter((path) => path.endsWith('.prisma'))
    .map((path) => ({ path, ...readPrisma(files.read(path) ?? '', path) }));
  const drizzle = readDrizzle(code);
  const dialect: Dialect =
    settings.dialect ??
    dialectOf({
      provider: prisma.map((one) => one.provider).find((one) => one !== null) ?? drizzle?.dialect ?? null,
      packages: dependenciesOf(files),
      sql: historiesOf(findMigrations(files, settings.migrations ?? null))
        .flatMap((set) => set.migrations.map((migration) => files.read(migration.file) ?? ''))
        .join('\n'),
    });
  const written = programMigrations(code, dialect);
  const histories = historiesOf(findMigrations(files, settings.migrations ?? null, written));

  const findings: Finding[] = [];
  const looked: Record<string, number | string> = { dialect };
  const migrated = emptySchema();
  let unread = 0;
  for (const set of histories) {
    const fold = foldHistory(set, dialect);
    findings.push(...fold.findings, ...journalFindings(files, set));
    unread += fold.counts.unread;
    merge(migrated, fold.schema);
  }
  const inCode = texts.flatMap((one) => one.definitions);
  if (migrated.tables.size === 0 && inCode.length > 0) {
    const fold = newFold(dialect);
    for (const text of inCode.filter((one) => one.way === 'up'))
      for (const statement of split(text.text, text.file, text.line)) applyStatement(fold, statement);
    findings.push(...fold.findings);
    unread += fold.counts.unread;
    merge(migrated, fold.schema);
  }
  const declared = emptySchema();
  for (const { schema } of prisma) merge(declared, schema);
  if (drizzle !== null) merge(declared, drizzle.schema);
  const live = await liveOf(files, settings, findings);

  const isRead = new Set(written.map(({ file }) => file));
  const programs = tablesOfPrograms(files, isRead);
  const truth = [migrated, declared, live?.schema ?? emptySchema()].find((schema) => schema.tables.size > 0);
  if (truth === undefined) {
    // A database that was named and cannot be read is no reason to pass.
    const [trouble] = findings;
    return {
      ran: false,
      why: trouble?.description ?? 'no migration, Prisma or Drizzle schema, CREATE TABLE or SQLite file was found',
      hint:
        programs > 0
          ? `tables made by programs (${counted(programs, 'file')}: entities, Sequelize, or knex and TypeORM outside of migrations) are not read; name a SQLite file or SQL in coordtui.yaml: verification.integration.database`
          : 'name them in coordtui.yaml: verification.integration.database.migrations or .file',
    };
  }
  if (migrated.tables.size > 0 && declared.tables.size > 0)
    findings.push(...driftFindings(declared, migrated, prisma.length > 0 ? 'the Prisma schema' : 'the Drizzle schema', 'HIGH'));
  if (live !== null) findings.push(...liveFindings(live, migrated, histories, settings.file !== undefined));

  // Names of fields are only known where a schema maps them.
  const named = truth === migrated ? withFields(migrated, declared) : truth;
  const pairs = pairUp(shapesOf(code), named, settings.interfaces ?? {});
  findings.push(...compareShapes(pairs, named, dialect), ...keyFindings(truth, dialect));
  const counts: QueryCounts = { read: 0, dynamic: 0 };
  const isWhole = unread === 0 && programs === 0 && !hasMoreMigrations(files, isRead);
  for (const { queries } of texts) findings.push(...queryFindings(queries, truth, dialect, isWhole, counts));
  Object.assign(looked, {
    migrations: histories.reduce((sum, set) => sum + set.migrations.length, 0),
    tables: truth.tables.size,
    interfaces: pairs.length,
    queries: counts.read,
    'not checked: queries put together at run time': counts.dynamic,
    'not checked: statements that could not be read': unread,
    ...(programs > 0 ? { 'not read: files that make tables in another way': programs } : {}),
  });
  const provides = [...truth.tables.values()].map(({ name }) => `table ${name}`);
  return { ran: true, findings, looked, provides, ...(live === null ? {} : { reuse: false as const }) };
}

/** Where there is a history, scripts beside it that only look like one are not the database. */
function historiesOf(found: readonly MigrationSet[]): readonly MigrationSet[] {
  return found.some((set) => set.isHistory) ? found.filter((set) => set.isHistory) : found;
}

function merge(into: Schema, from: Schema): void {
  for (const [key, table] of from.tables) if (!into.tables.has(key)) into.tables.set(key, table);
  for (const [key, values] of from.enums) if (!into.enums.has(key)) into.enums.set(key, values);
}

/** Makers of tables that are not read: what they make may be missing from everything that is said here. */
const MAKERS =
  /\b(?:createTable|createTableIfNotExists)\s*\(|@Entity\s*\(|\bsequelize\.define\s*\(|\bqueryRunner\.(?:createTable|addColumn)\b/;

function tablesOfPrograms(files: ProjectFiles, isRead: ReadonlySet<string>): number {
  return files.paths.filter(
    (path) => /\.[cm]?[jt]s$/.test(path) && !isTestFile(path) && !isRead.has(path) && MAKERS.test(files.read(path) ?? ''),
  ).length;
}

/** Migrations written as programs make tables that no SQL tells of. */
function hasMoreMigrations(files: ProjectFiles, isRead: ReadonlySet<string>): boolean {
  return files.paths.some(
    (path) =>
      !isRead.has(path) &&
      /(^|\/)migrations?\/[^/]+\.[cm]?[jt]s$/.test(path) &&
      /createTable|schema\.|addColumn/.test(files.read(path) ?? ''),
  );
}

function withFields(migrated: Schema, declared: Schema): Schema {
  const tables = new Map(
    [...migrated.tables].map(([key, table]) => {
      const model = declared.tables.get(key);
      if (model === undefined) return [key, table] as const;
      const columns = new Map(
        [...table.columns].map(([name, column]) => [name, { ...column, ...asDeclared(model.columns.get(name)) }] as const),
      );
      return [key, { ...table, columns, ...(model.model === undefined ? {} : { model: model.model }) }] as const;
    }),
  );
  return { ...migrated, tables };
}

/** Prisma's lists are never null to a program, though their columns may be. */
function asDeclared(column: Column | undefined): { field?: string; nullable?: boolean } {
  if (column?.field === undefined) return {};
  return column.family === 'array' ? { field: column.field, nullable: column.nullable } : { field: column.field };
}

async function liveOf(files: ProjectFiles, settings: DatabaseSettings, findings: Finding[]) {
  const path = settings.file ?? files.paths.find((one) => LIVE.test(one));
  if (path === undefined) return null;
  const reading = await readLive(join(files.root, path), path);
  if (reading.ok) return reading.live;
  // A file that only looks like a database is nobody's fault; one that was named is.
  if (settings.file !== undefined)
    findings.push({
      type: 'database-not-read',
      severity: 'HIGH',
      description: `${path} could not be read: ${reading.why}`,
      hint: 'name a SQLite file that exists',
      file: path,
    });
  return null;
}

/** @param wasNamed somebody said that this is the database; else it may be an old one that lies about */
function liveFindings(
  live: NonNullable<Awaited<ReturnType<typeof liveOf>>>,
  migrated: Schema,
  sets: readonly MigrationSet[],
  wasNamed: boolean,
): Finding[] {
  if (migrated.tables.size === 0) return [];
  const severity = wasNamed ? 'HIGH' : 'MEDIUM';
  const findings = driftFindings(live.schema, migrated, 'the live database', severity);
  const all = sets.flatMap((set) => set.migrations);
  const isApplied = (name: string, version: string | null, file: string) =>
    live.applied?.some(
      (one) =>
        one === name ||
        one === version ||
        Number(one) === Number(version ?? Number.NaN) ||
        file.endsWith(`/${one}`) ||
        keyOf(one).startsWith(keyOf(name)),
    ) === true;
  const pending = all.filter((migration) => !isApplied(migration.name, migration.version, migration.file));
  if (live.applied !== null && pending.length < all.length)
    for (const migration of pending)
      findings.push({
        type: 'migration-not-applied',
        severity,
        description: `${migration.name} has not been applied to the live database`,
        hint: 'apply the migrations',
        file: migration.file,
        line: 1,
      });
  return findings;
}
