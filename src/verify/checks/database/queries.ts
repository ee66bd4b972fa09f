/** The program's queries against the schema: what they name exists, and what they search by is indexed. */
import type { Finding } from '../finding.ts';
import { type Dialect, parseStatement } from '../sql/parse.ts';
import { factsOf } from '../sql/query.ts';
import type { Schema } from '../sql/schema.ts';
import { split } from '../sql/split.ts';
import type { CodeText } from './statements.ts';

export type QueryCounts = { read: number; dynamic: number };

/** @param isWhole whether the schema is all that there is: else a table may exist that nobody has read about */
export function queryFindings(
  texts: readonly CodeText[],
  schema: Schema,
  dialect: Dialect,
  isWhole: boolean,
  counts: QueryCounts,
): Finding[] {
  return texts.flatMap((one) =>
    split(one.text, one.file, one.line).flatMap((statement) => {
      const tree =
        parseStatement(statement.text, dialect) ?? (one.isDynamic ? parseStatement(statement.text.replace(/\s\?\s*$/, ''), dialect) : null);
      if (tree === null) {
        counts.dynamic++;
        return [];
      }
      counts.read++;
      const facts = factsOf(schema, tree, { file: one.file, line: statement.line });
      const at = (line: number) => ({ file: one.file, line: statement.line + line - 1 });
      const findings: Finding[] = [];
      for (const { name, line } of isWhole ? facts.unknownTables : [])
        findings.push({
          type: 'schema-table-missing',
          severity: 'HIGH',
          description: `the query names the table ${name}, which no migration leaves behind`,
          hint: 'create it in a migration, or name one that exists',
          expected: `table ${name}`,
          ...at(line),
        });
      for (const { name, line, tables } of facts.unknownColumns)
        findings.push({
          type: 'schema-column-missing',
          severity: 'HIGH',
          description: `the query names the column ${name}, which ${tables.join(' and ')} ${tables.length === 1 ? 'does' : 'do'} not have`,
          hint: 'add it in a migration, or name one that exists',
          expected: `column ${tables[0]}.${name}`,
          ...at(line),
        });
      for (const { table, name, line, by } of facts.unindexed)
        findings.push({
          type: 'missing-index',
          severity: by === 'order' ? 'LOW' : 'MEDIUM',
          description: `the query ${WORDS[by]} ${table.name}.${name}, and no index begins with it`,
          hint: `CREATE INDEX idx_${table.name}_${name} ON ${table.name} (${name})`,
          expected: `index on ${table.name} (${name})`,
          ...at(line),
        });
      return findings;
    }),
  );
}

const WORDS = { where: 'searches by', join: 'joins by', order: 'sorts by' };
