/** Which of the three languages a project's SQL is written in. */
import type { Dialect } from '../sql/parse.ts';

const PROVIDERS: Readonly<Record<string, Dialect>> = {
  postgresql: 'postgresql',
  postgres: 'postgresql',
  pg: 'postgresql',
  cockroachdb: 'postgresql',
  mysql: 'mysql',
  sqlite: 'sqlite',
};

/** Words that only one of them has. */
const SIGNS: readonly (readonly [RegExp, Dialect])[] = [
  [/\bAUTOINCREMENT\b|\bWITHOUT\s+ROWID\b|\bPRAGMA\s|strftime\(|datetime\('now'\)|\)\s*STRICT\b/gi, 'sqlite'],
  [
    /\bAUTO_INCREMENT\b|\bENGINE\s*=|\bUNSIGNED\b|`\w+`\s+(?:int|varchar|tinyint|bigint|datetime)|ON\s+UPDATE\s+CURRENT_TIMESTAMP/gi,
    'mysql',
  ],
  [
    /\b(?:BIG|SMALL)?SERIAL\b|\bTIMESTAMPTZ\b|\bJSONB\b|::\w+|gen_random_uuid|\bAS\s+ENUM\b|GENERATED\s+(?:ALWAYS|BY\s+DEFAULT)\s+AS\s+IDENTITY|\$\$|now\(\)/gi,
    'postgresql',
  ],
];

const PACKAGES: readonly (readonly [string, Dialect])[] = [
  ['pg', 'postgresql'],
  ['postgres', 'postgresql'],
  ['@neondatabase/serverless', 'postgresql'],
  ['@electric-sql/pglite', 'postgresql'],
  ['mysql2', 'mysql'],
  ['mysql', 'mysql'],
  ['better-sqlite3', 'sqlite'],
  ['sqlite3', 'sqlite'],
  ['sqlite', 'sqlite'],
  ['@libsql/client', 'sqlite'],
  ['node-sqlite3-wasm', 'sqlite'],
  ['sql.js', 'sqlite'],
];

export function dialectOf(signs: {
  readonly provider: string | null;
  readonly packages: ReadonlySet<string>;
  readonly sql: string;
}): Dialect {
  const named = PROVIDERS[signs.provider ?? ''];
  if (named !== undefined) return named;
  const counted = SIGNS.map(([pattern, dialect]) => ({ dialect, count: signs.sql.match(pattern)?.length ?? 0 })).sort(
    (a, b) => b.count - a.count,
  );
  if (counted[0] !== undefined && counted[0].count > (counted[1]?.count ?? 0)) return counted[0].dialect;
  return PACKAGES.find(([name]) => signs.packages.has(name))?.[1] ?? 'sqlite';
}
