/** `tail --cast` through the real program: what a session showed, kept where agents do not look, for the usual players. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { recordingsDir } from '../../src/workspace/paths.ts';
import { parseCast } from '../support/cast.ts';
import { BIN, type Room, startRoom } from '../support/rooms.ts';
import { until } from '../support/until.ts';
import { BACKEND, coordtui, FRONTEND, openPlace, type Place } from './hands.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describe('a recording', () => {
  let place: Place;
  let room: Room;
  beforeAll(async () => {
    place = openPlace('cast');
    room = await startRoom(place.root);
  });
  afterAll(async () => {
    await room?.stop();
    place?.remove();
  });
  const tail = (...more: string[]) => coordtui(place.root, ['tail', BACKEND, '--cast', ...more]);
  const marks = async () => parseCast((await tail()).out).events.flatMap(({ code, data }) => (code === 'm' ? [data] : []));

  it('is on by default, holds what was shown, and goes on over restarts of the session and of the room', async () => {
    await place.inSession(BACKEND, "printf 'shown → 漢字 %s\\n' first >/dev/tty");
    // The session has written it; the room reads it when it comes to it.
    const cast = await until('what was shown to be recorded', async () => {
      const { exit, out } = await tail();
      expect(exit).toBe(0);
      const read = parseCast(out);
      return read.events
        .map(({ data }) => data)
        .join('')
        .includes('shown → 漢字 first')
        ? read
        : null;
    });
    expect(cast.header).toMatchObject({ version: 2, title: BACKEND });
    expect((await coordtui(place.root, ['assign', BACKEND, '--task', 'x'])).exit).toBe(0);
    await until('the mark of the assignment', async () => (await marks()).some((mark) => mark.includes('h-')));
    await coordtui(place.root, ['restart', BACKEND]);
    await until('the second session', async () => (await marks()).filter((mark) => mark === 'session started').length === 2);
    expect(await marks()).toEqual(expect.arrayContaining([expect.stringMatching(/^session ended \(/)]));
    await room.stop();
    room = await startRoom(place.root);
    await until('the third session', async () => (await marks()).filter((mark) => mark === 'session started').length === 3);
    expect((await tail()).out).toContain('shown → 漢字 first');
  });

  it('goes on with --follow, over the next session, until it is interrupted; a reader that goes ends it, too', async () => {
    const child = spawn(process.execPath, [BIN, 'tail', BACKEND, '--cast', '--follow'], {
      cwd: place.root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const ended = new Promise<string | number | null>((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
    const data = () => parseCast(out.slice(0, out.lastIndexOf('\n') + 1)).events.map((event) => event.data);
    await until('what was recorded before', () => out.includes('shown → 漢字 first'));
    await place.inSession(BACKEND, "printf 'while it follows\\n' >/dev/tty");
    await until('what is shown now', () => out.includes('while it follows'));
    const sessions = data().filter((mark) => mark === 'session started').length;
    await coordtui(place.root, ['restart', BACKEND]);
    await until('the next session', () => data().filter((mark) => mark === 'session started').length === sessions + 1);
    await place.inSession(BACKEND, "printf 'in the next one\\n' >/dev/tty");
    await until('what that shows', () => out.includes('in the next one'));
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
    expect(err).toBe('');
    // All of it is whole, and it is what is kept.
    expect((await tail()).out.startsWith(out)).toBe(true);

    const words = [process.execPath, BIN, 'tail', BACKEND, '--cast', '--follow'].map((word) => JSON.stringify(word)).join(' ');
    const piped = spawn('sh', ['-c', `{ ${words}; echo "ended $?" >&2; } | head -n 1`], {
      cwd: place.root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    piped.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    await until('it to have ended, of what comes next', async () => {
      await place.inSession(BACKEND, 'echo more >/dev/tty');
      return told !== '';
    });
    expect(told).toBe('ended 141\n');
  });

  it('lies outside the workspace, for its owner alone; an instance sees its own and no other', async () => {
    const folder = join(recordingsDir(place.root), BACKEND);
    expect(folder.startsWith(place.root)).toBe(false);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(new Set(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777))).toEqual(new Set([0o600]));
    const program = `${JSON.stringify(process.execPath)} "$COORDTUI_BIN"`;
    const told = await place.inSession(
      BACKEND,
      `${program} tail ${BACKEND} --cast | head -c 14; ${program} tail ${FRONTEND} --cast; echo $?`,
    );
    expect(told.out).toBe('{"version":2,"77\n');
  });

  it('can be switched off', async () => {
    await room.stop();
    const config = join(place.root, 'coordtui.yaml');
    writeFileSync(config, `${readFileSync(config, 'utf8')}recording: { enabled: false }\n`);
    const folder = join(recordingsDir(place.root), FRONTEND);
    const before = readdirSync(folder);
    room = await startRoom(place.root);
    await place.inSession(FRONTEND, 'echo x >/dev/tty');
    expect(readdirSync(folder)).toEqual(before);
  });
});
