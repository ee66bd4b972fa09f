import { chmodSync, chownSync, mkdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findWorkspace } from '../../src/workspace/find.ts';
import { prepareSocketDir, socketAddress, workspacePaths } from '../../src/workspace/paths.ts';
import { scratch } from '../support/rooms.ts';

let base: string;
beforeEach(() => {
  base = scratch('find');
  mkdirSync(join(base, 'project/src/deep'), { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const at = (path: string) => join(base, path);
const find = (cwd: string, option?: string, env: Record<string, string> = {}) => findWorkspace({ option, cwd: at(cwd), env });
const isRoot = process.getuid?.() === 0;

describe('PROTOCOL §1: one canonical root', () => {
  test('the option comes first, then the variable, then the nearest marker, then the current directory', () => {
    writeFileSync(at('project/coordtui.yaml'), '');
    mkdirSync(at('other'));
    const env = { COORDTUI_WORKSPACE: at('other') };
    expect(find('project/src', '..', env)).toEqual({ ok: true, root: at('project'), by: 'option' });
    expect(find('project/src', undefined, env)).toEqual({ ok: true, root: at('other'), by: 'environment' });
    expect(find('project/src/deep')).toEqual({ ok: true, root: at('project'), by: 'marker' });
    expect(find('other')).toEqual({ ok: true, root: at('other'), by: 'directory' });
    expect(find('other', undefined, { COORDTUI_WORKSPACE: '' })).toEqual({ ok: true, root: at('other'), by: 'directory' });
  });

  test('a room that once ran marks a workspace too, and the nearest marker wins', () => {
    writeFileSync(at('project/coordtui.yaml'), '');
    mkdirSync(at('project/src/status/.coordtui'), { recursive: true });
    expect(find('project/src/deep')).toMatchObject({ root: at('project/src') });
  });

  test("an instance's worktree holds the config as well: the workspace is the one above, a repository within is its own", () => {
    writeFileSync(at('project/coordtui.yaml'), '');
    writeFileSync(at('project/src/coordtui.yaml'), '');
    writeFileSync(at('project/src/.git'), `gitdir: ${at('project')}/.git/worktrees/src\n`);
    expect(find('project/src/deep')).toMatchObject({ root: at('project') });
    writeFileSync(at('project/src/.git'), `gitdir: ${at('project')}/.git/modules/src\n`);
    expect(find('project/src/deep')).toMatchObject({ root: at('project/src') });
  });

  test('however it is reached, the root is its real path', () => {
    symlinkSync(at('project'), at('link'));
    expect(find('.', 'link')).toMatchObject({ root: realpathSync(at('project')) });
    expect(find('link')).toMatchObject({ root: realpathSync(at('project')) });
  });

  test('what is no directory is said with its name', () => {
    writeFileSync(at('file'), '');
    expect(find('.', 'file')).toEqual({ ok: false, message: `--workspace: ${at('file')} is not a directory` });
    expect(find('.', undefined, { COORDTUI_WORKSPACE: at('gone') })).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^COORDTUI_WORKSPACE: .*gone cannot be opened/),
    });
  });

  test.runIf(isRoot)("a stranger's marker above the current directory is not followed; in it, it is", () => {
    chownSync(at('project'), 4711, 4711);
    writeFileSync(at('project/coordtui.yaml'), '');
    chownSync(at('project/coordtui.yaml'), 4711, 4711);
    expect(find('project/src')).toMatchObject({ root: at('project/src'), by: 'directory' });
    expect(find('project')).toMatchObject({ root: at('project'), by: 'marker' });
    // Whoever works in a stranger's directory has chosen to trust that stranger.
    chownSync(at('project/src'), 4711, 4711);
    expect(find('project/src')).toMatchObject({ root: at('project'), by: 'marker' });
  });
});

describe('DESIGN §2: the address of a room', () => {
  test('the socket is named by the hash of the real path, in a directory of the user', () => {
    const address = socketAddress('/home/u/project', '/tmp', 501);
    expect(address).toEqual({
      ok: true,
      dir: '/tmp/coordtui-501',
      path: expect.stringMatching(/^\/tmp\/coordtui-501\/[0-9a-f]{16}\.sock$/),
    });
    expect(socketAddress('/home/u/project2', '/tmp', 501)).not.toEqual(address);
  });

  test('a path that would be cut short is refused with what to do: 103 bytes fit, 104 do not', () => {
    const tail = '/coordtui-501/0123456789abcdef.sock'.length;
    expect(socketAddress('/w', `/${'t'.repeat(103 - tail - 1)}`, 501).ok).toBe(true);
    expect(socketAddress('/w', `/${'t'.repeat(104 - tail - 1)}`, 501)).toEqual({
      ok: false,
      message: expect.stringMatching(/has 104 bytes and 103 fit: set TMPDIR/),
    });
    // Bytes count, not characters.
    expect(socketAddress('/w', `/${'é'.repeat(60)}`, 501).ok).toBe(false);
  });

  test('its directory is made 0700, and closed when it was open', () => {
    const dir = at('sockets');
    expect(prepareSocketDir(dir)).toBeNull();
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    chmodSync(dir, 0o777);
    expect(prepareSocketDir(dir)).toBeNull();
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  test('a link, a file or a directory of somebody else in its place is refused', () => {
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('link'));
    expect(prepareSocketDir(at('link'))).toMatch(/is not a directory \(a link is not accepted\)/);
    writeFileSync(at('file'), '');
    expect(prepareSocketDir(at('file'))).toMatch(/file/);
    expect(prepareSocketDir(at('real'), 4711)).toMatch(/belongs to user .*, not to you \(4711\)/);
  });

  test('every path lies where INTERFACE says', () => {
    expect(workspacePaths('/w')).toMatchObject({
      statusFile: '/w/status/multi-instance-status.json',
      privateDir: '/w/status/.coordtui',
      lock: '/w/status/.coordtui/lock',
      config: '/w/coordtui.yaml',
    });
  });
});
