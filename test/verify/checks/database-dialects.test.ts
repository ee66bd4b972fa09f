import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { describe, expect, test } from 'vitest';
import { checkDatabase } from '../../../src/verify/checks/database/check.ts';
import type { Finding } from '../../../src/verify/checks/finding.ts';
import { integrationSettings } from '../../../src/workspace/integration-settings.ts';
import { filesOf, findingsIn, reopened } from './project.ts';

const SECONDS = 60_000;
const settings = integrationSettings.parse({}).database;

async function check(sources: Readonly<Record<string, string>>) {
  return checkDatabase(filesOf(new Map(Object.entries(sources))), settings);
}
const said = (findings: readonly Finding[]) => findings.map((one) => `${one.type} ${one.file}:${one.line}`).sort();

const MYSQL = {
  'package.json': '{"dependencies":{"mysql2":"3"}}',
  'db/migrations/20260101100000_users.sql': `-- migrate:up
CREATE TABLE \`users\` (
  \`id\` int unsigned NOT NULL AUTO_INCREMENT,
  \`email\` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'the address; unique',
  \`role\` enum('admin','user') NOT NULL DEFAULT 'user',
  \`active\` tinyint(1) NOT NULL DEFAULT '1',
  \`seen_at\` datetime(6) DEFAULT NULL,
  \`points\` mediumint unsigned zerofill NOT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`email\` (\`email\`),
  KEY \`seen\` (\`seen_at\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- migrate:down
DROP TABLE users;
`,
  'db/migrations/20260102100000_posts.sql': `-- migrate:up
CREATE TABLE posts (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT UNSIGNED NOT NULL,
  title TEXT NOT NULL,
  meta JSON,
  CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id)
);
ALTER TABLE users ADD COLUMN nick VARCHAR(40) NULL AFTER email, MODIFY COLUMN points INT NOT NULL, CHANGE COLUMN seen_at last_seen DATETIME NULL;
DELIMITER //
CREATE TRIGGER stamp BEFORE INSERT ON posts FOR EACH ROW
BEGIN
  SET NEW.title = TRIM(NEW.title);
END//
DELIMITER ;

-- migrate:down
ALTER TABLE users CHANGE COLUMN last_seen seen_at DATETIME(6) NULL, DROP COLUMN nick;
DROP TABLE posts;
`,
  'src/models/user.ts': `export interface User {
  id: number;
  email: string;
  nick: string | null;
  role: 'admin' | 'user';
  active: boolean;
  lastSeen: Date | null;
  points: number;
}
`,
  'src/models/post.ts': `export type PostRow = {
  id: number;
  user_id: number;
  title: string;
  meta: { tags: string[] } | null;
};
`,
  'src/queries.ts':
    'export const q = (db: any) => db.execute(`select p.title, u.nick from posts p inner join users u on u.id = p.user_id where u.last_seen > ? and p.id in (?)`);\n',
};

const SQLITE = {
  'package.json': '{"dependencies":{"better-sqlite3":"12"}}',
  'electron/db/schema.ts': `import Database from 'better-sqlite3';
export function open(path: string) {
  const db = new Database(path);
  db.exec(\`
    CREATE TABLE IF NOT EXISTS notes (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      title TEXT NOT NULL,
      body TEXT,
      pinned INTEGER NOT NULL DEFAULT 0,
      created_at TEXT NOT NULL DEFAULT (datetime('now')),
      kind TEXT NOT NULL CHECK (kind IN ('note', 'task'))
    ) STRICT;
    CREATE INDEX IF NOT EXISTS notes_created ON notes (created_at);
    CREATE VIRTUAL TABLE IF NOT EXISTS notes_fts USING fts5(title, body);
    CREATE TRIGGER IF NOT EXISTS notes_ai AFTER INSERT ON notes BEGIN
      INSERT INTO notes_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
    END;
  \`);
  return db;
}
`,
  'electron/db/notes.ts': `interface NoteRow { id: number; title: string; body: string | null; pinned: number; created_at: string; kind: 'note' | 'task' }
export interface Note { id: number; title: string; body: string | null; pinned: boolean; createdAt: Date; kind: 'note' | 'task' }
export const list = (db: any): NoteRow[] => db.prepare('SELECT id, title, body, pinned, created_at, kind FROM notes WHERE created_at > ? AND pinned = 1 ORDER BY created_at DESC').all();
export const find = (db: any, text: string) => db.prepare('SELECT n.*, rank FROM notes_fts f JOIN notes n ON n.id = f.rowid WHERE notes_fts MATCH ? ORDER BY rank LIMIT 5').all(text);
`,
};

const PRISMA = {
  'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
enum Role {
  ADMIN
  USER
}
model User {
  id        Int      @id @default(autoincrement())
  email     String   @unique
  name      String?
  role      Role     @default(USER)
  posts     Post[]
  createdAt DateTime @default(now()) @map("created_at")
  @@map("users")
}
model Post {
  id       String  @id @default(uuid())
  title    String
  author   User    @relation(fields: [authorId], references: [id])
  authorId Int     @map("author_id")
  tags     String[]
  @@index([authorId])
  @@map("posts")
}
`,
  'prisma/migrations/20260101000000_init/migration.sql': `CREATE TYPE "Role" AS ENUM ('ADMIN', 'USER');
CREATE TABLE "users" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "role" "Role" NOT NULL DEFAULT 'USER',
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");
`,
  'prisma/migrations/20260102000000_posts/migration.sql': `CREATE TABLE "posts" (
    "id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "author_id" INTEGER NOT NULL,
    "tags" TEXT[],
    CONSTRAINT "posts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "posts_author_id_idx" ON "posts"("author_id");
ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
`,
  'src/types.ts': `export interface User { id: number; email: string; name: string | null; role: 'ADMIN' | 'USER'; createdAt: Date }
export interface Post { id: string; title: string; authorId: number; tags: string[]; author?: User }
`,
};

const DRIZZLE = {
  'src/db/schema.ts': `import { integer, pgEnum, pgTable, serial, text, timestamp, index, boolean } from 'drizzle-orm/pg-core';
const stamps = { createdAt: timestamp('created_at').notNull().defaultNow() };
export const roleEnum = pgEnum('role', ['admin', 'user']);
export const users = pgTable('users', {
  id: serial('id').primaryKey(),
  email: text('email').notNull().unique(),
  role: roleEnum('role').notNull().default('user'),
  isActive: boolean('is_active').notNull().default(true),
  ...stamps,
});
export const posts = pgTable('posts', {
  id: serial('id').primaryKey(),
  userId: integer('user_id').notNull().references(() => users.id),
  body: text('body'),
}, (t) => [index('posts_user').on(t.userId)]);
`,
  'drizzle/0000_init.sql': `CREATE TYPE "public"."role" AS ENUM('admin', 'user');--> statement-breakpoint
CREATE TABLE "users" (
	"id" serial PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"role" "role" DEFAULT 'user' NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp DEFAULT now() NOT NULL,
	CONSTRAINT "users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "posts" (
	"id" serial PRIMARY KEY NOT NULL,
	"user_id" integer NOT NULL,
	"body" text
);
--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "posts_user" ON "posts" USING btree ("user_id");
`,
  'drizzle/meta/_journal.json':
    '{"version":"7","dialect":"postgresql","entries":[{"idx":0,"version":"7","when":1,"tag":"0000_init","breakpoints":true}]}',
  'src/types.ts': `export interface User { id: number; email: string; role: 'admin' | 'user'; isActive: boolean; createdAt: Date }
export interface Post { id: number; userId: number; body: string | null }
`,
};

describe('verify-database-schema reads', () => {
  test.each([
    ['MySQL with dbmate sections', MYSQL, { dialect: 'mysql', tables: 2, interfaces: 2, queries: 1 }],
    ['SQLite made by the program itself', SQLITE, { dialect: 'sqlite', tables: 2, queries: 2 }],
    ['Prisma with its migrations', PRISMA, { dialect: 'postgresql', tables: 2, interfaces: 2, migrations: 2 }],
    ['Drizzle with its migrations', DRIZZLE, { dialect: 'postgresql', tables: 2, interfaces: 2, migrations: 1 }],
  ])('%s, and says nothing where nothing is wrong', { timeout: SECONDS }, async (_, sources, looked) => {
    const result = await check(sources);
    expect(findingsIn(result)).toEqual([]);
    expect(result).toMatchObject({ looked });
  });

  test.each<[string, Readonly<Record<string, string>>, string, string, string, string[]]>([
    [
      'a wrong enum in MySQL',
      MYSQL,
      'src/models/user.ts',
      "'admin' | 'user'",
      "'admin' | 'guest'",
      ['schema-enum-mismatch src/models/user.ts:5'],
    ],
    [
      'a renamed column in MySQL',
      MYSQL,
      'src/models/user.ts',
      'lastSeen',
      'seenAt',
      ['schema-column-missing src/models/user.ts:7', 'schema-field-missing src/models/user.ts:1'],
    ],
    ['a wrong column in a query', MYSQL, 'src/queries.ts', 'u.nick', 'u.nickname', ['schema-column-missing src/queries.ts:1']],
    [
      'a wrong type in SQLite',
      SQLITE,
      'electron/db/notes.ts',
      'pinned: number',
      'pinned: string',
      ['schema-type-mismatch electron/db/notes.ts:1'],
    ],
    [
      'a column that the program never made',
      SQLITE,
      'electron/db/notes.ts',
      'kind FROM',
      'kind, colour FROM',
      ['schema-column-missing electron/db/notes.ts:3'],
    ],
    [
      'a field of Prisma that no migration makes',
      PRISMA,
      'prisma/schema.prisma',
      'title    String',
      'title    String\n  views    Int',
      ['schema-drift prisma/schema.prisma:21'],
    ],
    [
      'a nullable field of Prisma',
      PRISMA,
      'src/types.ts',
      'name: string | null',
      'name: string',
      ['schema-nullability-mismatch src/types.ts:1'],
    ],
    [
      'a column of Drizzle that no migration makes',
      DRIZZLE,
      'src/db/schema.ts',
      "body: text('body'),",
      "body: text('body'),\n  slug: text('slug'),",
      ['schema-drift src/db/schema.ts:15'],
    ],
    [
      'a migration that the journal does not list',
      DRIZZLE,
      'drizzle/meta/_journal.json',
      '0000_init',
      '0000_other',
      ['migration-missing drizzle/meta/_journal.json:1', 'migration-not-applied drizzle/0000_init.sql:1'],
    ],
  ])('finds %s', { timeout: SECONDS }, async (_, sources, file, from, to, expected) => {
    const changed = { ...sources, [file]: (sources[file] ?? '').replace(from, to) };
    expect(changed[file]).not.toBe(sources[file]);
    expect(said(findingsIn(await check(changed)))).toEqual(expected);
  });

  test('a live SQLite file, also one with a write-ahead log, without touching it', { timeout: SECONDS }, async () => {
    const files = filesOf(
      new Map([
        ['migrations/0001_a.sql', 'CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT NOT NULL);'],
        ['migrations/0002_b.sql', 'ALTER TABLE a ADD COLUMN age INTEGER;'],
        ['src/a.ts', 'export interface ARow { id: number; name: string; age: number | null }'],
      ]),
    );
    mkdirSync(join(files.root, 'data'));
    const database = new sqlite.Database(join(files.root, 'data/app.db'));
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL');
    database.exec(
      "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT NOT NULL); CREATE TABLE migrations (name TEXT); INSERT INTO migrations VALUES ('0001_a')",
    );
    const behind = findingsIn(await checkDatabase(reopened(files), settings));
    expect(said(behind)).toEqual(['migration-not-applied migrations/0002_b.sql:1', 'schema-drift migrations/0002_b.sql:1']);
    database.exec("ALTER TABLE a ADD COLUMN age INTEGER; INSERT INTO migrations VALUES ('0002_b')");
    expect(findingsIn(await checkDatabase(reopened(files), settings))).toEqual([]);
    database.close();
  });
});
