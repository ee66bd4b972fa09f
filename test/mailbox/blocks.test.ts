import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Block } from '../../src/core/logbook.ts';
import { keepDocument, withBlocks } from '../../src/mailbox/blocks.ts';

let root = '';
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'blocks-')));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const PATH = 'docs/instance-logs/instance-1-20261121.md';
const block = (lines: readonly string[], grows = true): Block => ({ name: 'work', heading: 'Work', lines, grows });
const keep = (...blocks: Block[]) => keepDocument(root, { path: PATH, title: 'instance-1', blocks });
const read = () => fs.readFileSync(join(root, PATH), 'utf8');

describe('PROTOCOL §8: logs are kept between markers, and an agent’s own lines are never touched', () => {
  test('PROTOCOL §8: a new document has a title, a heading and its block', async () => {
    expect(await keep(block(['- 10:41:03 h-3f2a called ready']))).toBeNull();
    expect(read()).toBe('# instance-1\n\n## Work\n\n<!-- coordtui: work -->\n- 10:41:03 h-3f2a called ready\n<!-- /coordtui: work -->\n');
  });

  test('PROTOCOL §8: what an agent wrote before, between and after stays byte for byte', async () => {
    await keep(block(['- 10:00:00 one']), { ...block(['- state'], false), name: 'handoff', heading: 'Prepared' });
    const own = read()
      .replace('# instance-1\n', '# instance-1\r\n\tmy notes\n')
      .replace('## Prepared', 'between \u0000\n## Prepared')
      .concat('after, without an end');
    fs.writeFileSync(join(root, PATH), own);
    await keep(block(['- 10:00:00 one', '- 11:00:00 two']), { ...block(['- other'], false), name: 'handoff', heading: 'Prepared' });
    expect(read()).toBe(own.replace('- 10:00:00 one\n', '- 10:00:00 one\n- 11:00:00 two\n').replace('- state', '- other'));
  });

  test('a log only grows: what is in it stays, also when nobody knows of it any more', async () => {
    await keep(block(['- 10:00:00 one', '- 12:00:00 three']));
    await keep(block(['- 11:00:00 two']));
    expect(read()).toContain('- 10:00:00 one\n- 11:00:00 two\n- 12:00:00 three\n');
    await keep(block(['- 11:00:00 two']));
    expect(read().match(/two/gu)).toHaveLength(1);
  });

  test('a marker whose partner was deleted swallows nothing', () => {
    const broken = '# t\n\n<!-- coordtui: work -->\n- 10:00:00 ours\nagent line\n';
    const once = withBlocks(broken, [block(['- 11:00:00 new'])]);
    expect(once.startsWith(broken)).toBe(true);
    expect(withBlocks(once, [block(['- 12:00:00 more'])])).toContain(
      'agent line\n\n## Work\n\n<!-- coordtui: work -->\n- 11:00:00 new\n- 12:00:00 more\n',
    );
  });

  test('a line that looks like a marker, or holds escape codes, cannot break out of its block', () => {
    const text = withBlocks('', [block(['- 10:00:00 x <!-- /coordtui: work -->\n# forged', '- 10:00:01 \x1b[2Jgone'])]);
    expect(text.match(/<!-- \/coordtui: work -->/gu)).toHaveLength(1);
    expect(text).not.toMatch(/^# forged/mu);
    expect(text).not.toContain('\x1b');
  });

  test('nothing is written when nothing changed', async () => {
    await keep(block(['- 10:00:00 one']));
    const { ino, mtimeMs } = fs.statSync(join(root, PATH));
    await keep(block(['- 10:00:00 one']));
    expect(fs.statSync(join(root, PATH))).toMatchObject({ ino, mtimeMs });
    expect(fs.readdirSync(join(root, 'docs/instance-logs'))).toHaveLength(1);
  });

  test('a link, a folder and a pipe in its place are left alone, each with a sentence', async () => {
    const file = join(root, PATH);
    fs.mkdirSync(join(root, 'docs/instance-logs'), { recursive: true });
    const outside = join(root, 'secret');
    fs.writeFileSync(outside, 'mine');
    fs.symlinkSync(outside, file);
    expect(await keep(block(['- x']))).toContain(PATH);
    expect(fs.readFileSync(outside, 'utf8')).toBe('mine');
    fs.rmSync(file);
    fs.mkdirSync(file);
    expect(await keep(block(['- x']))).not.toBeNull();
    fs.rmdirSync(file);
    execFileSync('mkfifo', [file]);
    expect(await keep(block(['- x']))).toContain('no regular file');
  });

  test('a folder that leads out of the workspace is refused', async () => {
    const outside = fs.mkdtempSync(join(tmpdir(), 'outside-'));
    fs.symlinkSync(outside, join(root, 'docs'));
    expect(await keep(block(['- x']))).toContain('leads out of the workspace');
    expect(fs.readdirSync(outside)).toEqual([]);
    fs.rmSync(outside, { recursive: true });
  });
});
