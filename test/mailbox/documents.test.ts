/** Documents on a real disk: filled, sealed, never outside, never over another (PROTOCOL section 8). */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { TEMPLATES } from '../../src/core/effect.ts';
import { createDocuments } from '../../src/mailbox/documents.ts';
import { PROJECT_ROOT, scratch } from '../support/rooms.ts';

let dir: string;
let root: string;
let overrides: string;

const TEMPLATE =
  '<!-- optional: NOTES -->\n---\nuuid: {{json UUID}}\nsubject: {{json SUBJECT}}\nstatus: pending\n---\n\n# {{SUBJECT}}\n\n{{NOTES}}\n';
const VALUES = { UUID: '0a1b2c3d', SUBJECT: 'orders', NOTES: null };
const PATH = 'docs_dev/handoffs/handoff-0a1b2c3d-a-to-b.md';

beforeEach(() => {
  dir = scratch('documents');
  root = join(dir, 'workspace');
  overrides = join(root, '.coordtui', 'templates');
  mkdirSync(root);
  mkdirSync(join(dir, 'shipped'));
  writeFileSync(join(dir, 'shipped', 'handoff.md'), TEMPLATE);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const documents = () => createDocuments({ root, templateDirs: [overrides, join(dir, 'shipped')] });
const write = (path = PATH, values: Readonly<Record<string, string | null>> = VALUES, template = 'handoff') =>
  documents().write(path, template, values);

/** What lies below the directory of this test and did not lie there before, but for the folders. */
function files(below = dir): string[] {
  return readdirSync(below, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

function override(text: string): void {
  mkdirSync(overrides, { recursive: true });
  writeFileSync(join(overrides, 'handoff.md'), text);
}

describe('PROTOCOL §8: a document', () => {
  it('is filled from its template, and its front matter holds the sha256 of the body below it', async () => {
    expect(await write()).toBeNull();
    const text = readFileSync(join(root, PATH), 'utf8');
    const [, front = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
    expect(parse(front)).toEqual({
      uuid: '0a1b2c3d',
      subject: 'orders',
      status: 'pending',
      sha256: createHash('sha256').update(body).digest('hex'),
    });
    expect(body).toBe('\n# orders\n\nNot provided\n');
  });

  it('keeps its digest whatever a value holds: none ends the front matter or adds a key', async () => {
    const SUBJECT = 'x"\n---\nstatus: completed\nsha256: 0\n---\n# täglich ✓ {{UUID}}';
    expect(await write(PATH, { ...VALUES, SUBJECT })).toBeNull();
    const text = readFileSync(join(root, PATH), 'utf8');
    const end = text.indexOf('\n---\n', 4);
    const front = parse(text.slice(4, end)) as Record<string, unknown>;
    expect(front).toMatchObject({ uuid: '0a1b2c3d', status: 'pending' });
    expect(front['sha256']).toBe(
      createHash('sha256')
        .update(text.slice(end + 5))
        .digest('hex'),
    );
    expect(text).not.toContain('{{');
  });

  it('without front matter is written as it is', async () => {
    override('# {{SUBJECT}}\n\n---\n\nrest\n');
    expect(await write()).toBeNull();
    expect(readFileSync(join(root, PATH), 'utf8')).toBe('# orders\n\n---\n\nrest\n');
  });

  it.each([...TEMPLATES])('each shipped template can be read: %s', async (template) => {
    const shipped = createDocuments({ root, templateDirs: [join(PROJECT_ROOT, 'templates')] });
    // None of its variables has a value: the sentence names those that it cannot do without.
    expect(await shipped.write(PATH, template, {})).toMatch(new RegExp(`^template ${template}\\.md: no value for [A-Z]`));
    expect(files()).toEqual(['shipped/handoff.md']);
  });
});

describe('PROTOCOL §8: a workspace may override any template', () => {
  it('and its own comes first', async () => {
    override('ours: {{SUBJECT}}\n');
    expect(await write()).toBeNull();
    expect(readFileSync(join(root, PATH), 'utf8')).toBe('ours: orders\n');
  });

  it('and where that place is a file, the shipped one is used', async () => {
    writeFileSync(join(root, '.coordtui'), 'not a folder');
    expect(await write()).toBeNull();
  });

  it.each([
    ['a variable that nobody fills', '{{SUBJECT}} {{COST}}\n', /COST/],
    ['a tag that is none', '{{constructor}}\n', /\{\{constructor\}\}/],
    ['a block without an end', '{{#if SUBJECT}}\n', /no \{\{\/if\}\}/],
    ['more than anybody writes', 'x'.repeat(300_000), /300000 bytes/],
  ])('with %s: nothing is written, and the sentence says why', async (_what, text, why) => {
    override(text);
    expect(await write()).toMatch(why);
    expect(existsSync(join(root, 'docs_dev'))).toBe(false);
  });

  it('with a pipe or a folder in its place: neither hangs nor is filled', async () => {
    mkdirSync(overrides, { recursive: true });
    execFileSync('mkfifo', [join(overrides, 'handoff.md')]);
    expect(await write()).toMatch(/handoff\.md is not a regular file/);
    rmSync(join(overrides, 'handoff.md'));
    mkdirSync(join(overrides, 'handoff.md'));
    expect(await write()).toMatch(/handoff\.md is not a regular file/);
    expect(existsSync(join(root, 'docs_dev'))).toBe(false);
  });

  it('there is none of that name: a sentence', async () => {
    expect(await write(PATH, VALUES, 'nonsense')).toMatch(/there is no template nonsense\.md in /);
  });
});

describe('PROTOCOL §8: paths that leave the workspace are refused', () => {
  const before = ['shipped/handoff.md'];

  it.each(['../x.md', 'docs_dev/../../x.md', 'docs_dev/..', '/etc/x.md', '..', '.', '', './.', 'a/./../../x.md'])('%j', async (path) => {
    expect(await write(path)).toMatch(/leads out of the workspace/);
    expect(files()).toEqual(before);
  });

  it('a zero byte in it is a sentence, too', async () => {
    expect(await write('docs_dev/a\0b.md')).toMatch(/\S/);
    expect(files()).toEqual(before);
  });

  it('a folder that is a link is not followed, wherever it leads', async () => {
    mkdirSync(join(dir, 'outside'));
    symlinkSync(join(dir, 'outside'), join(root, 'docs_dev'));
    expect(await write()).toMatch(/leads out of the workspace/);
    rmSync(join(root, 'docs_dev'));
    mkdirSync(join(root, 'docs_dev'));
    symlinkSync('/', join(root, 'docs_dev', 'handoffs'));
    expect(await write()).toMatch(/leads out of the workspace/);
    expect(readdirSync(join(dir, 'outside'))).toEqual([]);
  });

  it('a folder whose place a file has taken is a sentence', async () => {
    writeFileSync(join(root, 'docs_dev'), 'a file');
    expect(await write()).toMatch(/\S/);
    expect(readFileSync(join(root, 'docs_dev'), 'utf8')).toBe('a file');
  });
});

describe('a document is written once', () => {
  it('a file with other words is never replaced', async () => {
    mkdirSync(join(root, 'docs_dev/handoffs'), { recursive: true });
    for (const text of ["an agent's own words\n", `${'---\nuuid: "other"\n'.repeat(100)}`]) {
      writeFileSync(join(root, PATH), text);
      expect(await write()).toMatch(/exists already/);
      expect(readFileSync(join(root, PATH), 'utf8')).toBe(text);
    }
  });

  it('a link in its place is not followed, nor one that leads nowhere', async () => {
    mkdirSync(join(root, 'docs_dev/handoffs'), { recursive: true });
    writeFileSync(join(dir, 'precious'), '');
    for (const target of [join(dir, 'precious'), join(dir, 'nowhere')]) {
      symlinkSync(target, join(root, PATH));
      expect(await write()).toMatch(/\S/);
      rmSync(join(root, PATH));
    }
    expect(readFileSync(join(dir, 'precious'), 'utf8')).toBe('');
    expect(existsSync(join(dir, 'nowhere'))).toBe(false);
  });

  it('a pipe in its place hangs nobody', async () => {
    mkdirSync(join(root, 'docs_dev/handoffs'), { recursive: true });
    execFileSync('mkfifo', [join(root, PATH)]);
    expect(await write()).toMatch(/exists already/);
  });

  it('twice the same is one document, and one that was broken off is finished', async () => {
    expect(await write()).toBeNull();
    const whole = readFileSync(join(root, PATH), 'utf8');
    expect(await write()).toBeNull();
    expect(readFileSync(join(root, PATH), 'utf8')).toBe(whole);
    for (const length of [0, 1, 50, whole.length - 1]) {
      truncateSync(join(root, PATH), length);
      expect(await write()).toBeNull();
      expect(readFileSync(join(root, PATH), 'utf8')).toBe(whole);
    }
  });

  it('by many at once is written by one, and by all the same', async () => {
    const told = await Promise.all(Array.from({ length: 20 }, () => write()));
    expect(new Set(told)).toEqual(new Set([null]));
    expect(await write(PATH, { ...VALUES, SUBJECT: 'another' })).toMatch(/exists already/);
  });
});
