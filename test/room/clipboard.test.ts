/** What leaves the room when something is copied. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ClipboardOptions, createClipboard } from '../../src/room/clipboard.ts';

const dir = mkdtempSync(join(tmpdir(), 'clipboard-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Told = { readonly written: string; readonly sentence: string; readonly ok: boolean };

function copied(text: string, options: Partial<ClipboardOptions> = {}): Promise<Told> {
  let written = '';
  const clipboard = createClipboard({
    setting: 'write',
    command: null,
    write: (output) => {
      written += output;
    },
    ...options,
  });
  return new Promise((resolve) => {
    clipboard.copy(text, (sentence, ok) => {
      clipboard.close();
      resolve({ written, sentence, ok });
    });
  });
}

describe('the clipboard', () => {
  it('is that of the outer terminal: OSC 52, in base64, whatever is in it', async () => {
    const { written, ok } = await copied('漢字 \x1b]52;c;AAAA\x07\n');
    expect(ok).toBe(true);
    expect(written).toMatch(/^\x1b\]52;c;[A-Za-z0-9+/=]+\x07$/);
    expect(Buffer.from(written.slice(7, -1), 'base64').toString()).toBe('漢字 \x1b]52;c;AAAA\x07\n');
  });

  it('is not given what terminals would cut off unseen', async () => {
    expect(await copied('x'.repeat(74_994))).toMatchObject({ ok: true });
    expect(await copied('x'.repeat(74_995))).toMatchObject({
      written: '',
      ok: false,
      sentence: expect.stringContaining('E opens all of it'),
    });
  });

  it('is left alone when it is off, and when nothing is selected', async () => {
    expect(await copied('x', { setting: 'off' })).toMatchObject({ written: '', ok: false });
    expect(await copied('')).toMatchObject({ written: '', ok: false, sentence: 'nothing is selected' });
  });

  it("may be a command's input, which is told how it went", async () => {
    const file = join(dir, 'taken');
    const taken = await copied('one\ntwo', { command: ['sh', '-c', `cat >${file}`] });
    expect(taken).toEqual({ written: '', ok: true, sentence: 'copied 2 lines with sh' });
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo');
    expect(await copied('x', { command: ['sh', '-c', 'exit 3'] })).toMatchObject({
      ok: false,
      sentence: expect.stringContaining('exit 3'),
    });
    expect(await copied('x', { command: [join(dir, 'is-not-there')] })).toMatchObject({ ok: false });
    expect(await copied('x'.repeat(1_000_000), { command: ['true'] })).toMatchObject({ ok: true });
  });
});
