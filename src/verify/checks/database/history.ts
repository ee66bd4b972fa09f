/** Migrations applied in their order, on paper: each must work where it stands, and its way back must lead back. */
import type { Finding } from '../finding.ts';
import type { ProjectFiles } from '../project-files.ts';
import type { Fold } from '../sql/change.ts';
import { applyStatement, newFold } from '../sql/fold.ts';
import type { Dialect } from '../sql/parse.ts';
import { copyOf, familyOf, keyOf, type Schema } from '../sql/schema.ts';
import { journalOf, type Migration, type MigrationSet } from './migration-files.ts';

export function foldHistory(set: MigrationSet, dialect: Dialect): Fold {
  const fold = newFold(dialect);
  const hasDowns = set.migrations.some((migration) => migration.down !== null && migration.down.length > 0);
  for (const migration of set.migrations) {
    const before = copyOf(fold.schema);
    const unread = fold.counts.unread;
    for (const statement of migration.up) applyStatement(fold, statement);
    if (set.isHistory) reverse(fold, migration, before, hasDowns, fold.counts.unread > unread);
  }
  for (const finding of set.isHistory ? orderFindings(set) : []) fold.findings.push(finding);
  return fold;
}

function reverse(fold: Fold, migration: Migration, before: Schema, hasDowns: boolean, isUnclear: boolean): void {
  const { down, isOneWay, file, name } = migration;
  if (isOneWay) return;
  if (down === null || down.length === 0) {
    const claims = migration.promisesDown || down !== null;
    if (!claims && !hasDowns) return;
    fold.findings.push({
      type: 'migration-not-reversible',
      severity: claims ? 'HIGH' : 'MEDIUM',
      description: `${name} has ${down === null ? 'no way back' : 'an empty way back'}, though ${claims ? 'it claims one' : 'the migrations around it have one'}`,
      hint: 'write what undoes it, or say in a comment that it is irreversible',
      file: migration.downFile ?? file,
      line: 1,
    });
    return;
  }
  const back: Fold = { ...newFold(fold.dialect, copyOf(fold.schema)) };
  for (const statement of down) applyStatement(back, statement);
  const place = { file: migration.downFile ?? file, line: down[0]?.line ?? 1 };
  for (const finding of back.findings) if (finding.type === 'migration-broken') fold.findings.push({ ...finding, severity: 'HIGH' });
  if (isUnclear || back.counts.unread > 0 || back.findings.some((finding) => finding.type === 'migration-broken')) return;
  const [first, ...more] = differences(before, back.schema);
  if (first === undefined) return;
  fold.findings.push({
    type: 'migration-not-reversed',
    severity: 'HIGH',
    description: `going back over ${name} does not restore what was before: ${first}${more.length === 0 ? '' : `, and ${more.length} more`}`,
    hint: 'undo in it everything that the way up does',
    ...place,
  });
}

/** What one schema has and the other has not, in words. */
function differences(before: Schema, after: Schema): string[] {
  const [left, right] = [factsOf(before), factsOf(after)];
  return [
    ...[...left].filter((fact) => !right.has(fact)).map((fact) => `${fact} is missing`),
    ...[...right].filter((fact) => !left.has(fact)).map((fact) => `${fact} is left over`),
  ];
}

function factsOf(schema: Schema): Set<string> {
  const facts = new Set<string>();
  for (const [key, table] of schema.tables) {
    facts.add(`${table.kind} ${key}`);
    if (table.open || table.kind === 'view') continue;
    for (const column of table.columns.values())
      facts.add(`column ${key}.${keyOf(column.name)} (${familyOf(schema, column)}${column.nullable ? '' : ', not null'})`);
    for (const index of table.indexes)
      facts.add(`${index.unique ? 'unique ' : ''}index on ${key} (${index.columns.join(', ').toLowerCase()})`);
  }
  return facts;
}

function orderFindings({ migrations, folder }: MigrationSet): Finding[] {
  const findings: Finding[] = [];
  const byVersion = new Map<string, Migration>();
  for (const migration of migrations) {
    if (migration.version === null) continue;
    const version = migration.version.replace(/^0+(?=\d)/, '');
    const first = byVersion.get(version);
    if (first !== undefined)
      findings.push({
        type: 'migration-duplicate',
        severity: 'HIGH',
        description: `${migration.name} has the same number as ${first.name}: which comes first nobody says`,
        hint: 'give one of the two a number of its own',
        file: migration.file,
        line: 1,
      });
    else byVersion.set(version, migration);
  }
  const numbers = [...byVersion]
    .filter(([version]) => /^\d{1,4}$/.test(version))
    .map(([version, migration]) => ({ number: Number(version), migration }));
  numbers.forEach(({ number, migration }, index) => {
    const before = numbers[index - 1]?.number;
    if (before === undefined || number === before + 1 || numbers.length !== byVersion.size || (number - before) % 5 === 0) return;
    findings.push({
      type: 'migration-gap',
      severity: 'LOW',
      description: `between ${before} and ${number} a migration is missing in ${folder}`,
      hint: 'restore it, or renumber: another database may have applied it',
      file: migration.file,
      line: 1,
    });
  });
  return findings;
}

/** Drizzle applies what its journal lists, and nothing else. */
export function journalFindings(files: ProjectFiles, set: MigrationSet): Finding[] {
  const listed = journalOf(files, set.folder);
  if (listed === null) return [];
  const file = `${set.folder}/meta/_journal.json`;
  const lineOf = (tag: string) => (files.read(file) ?? '').split('\n').findIndex((line) => line.includes(`"${tag}"`)) + 1 || 1;
  const names = new Set(set.migrations.map(({ name }) => name));
  const missing = listed
    .filter((tag) => !names.has(tag))
    .map(
      (tag): Finding => ({
        type: 'migration-missing',
        severity: 'CRITICAL',
        description: `the journal lists ${tag}, and there is no such file`,
        hint: `restore ${set.folder}/${tag}.sql, or generate the journal anew`,
        file,
        line: lineOf(tag),
      }),
    );
  const unlisted = set.migrations
    .filter(({ name }) => !listed.includes(name))
    .map(
      (migration): Finding => ({
        type: 'migration-not-applied',
        severity: 'HIGH',
        description: `${migration.name} is not in the journal, so nothing will ever apply it`,
        hint: `add it to ${file}, as drizzle-kit does`,
        file: migration.file,
        line: 1,
      }),
    );
  return [...missing, ...unlisted];
}
