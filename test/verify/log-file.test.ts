/** The log of a check holds what the check printed, or is said to be no evidence. */
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog } from '../../src/verify/log-file.ts';

const CAP = 20;
const HONEST = 'honest\n';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coordtui-log-'));
  path = join(folder, 'unit.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('PROTOCOL §4: the log of a check', () => {
  it('is what was printed, read-only, with its hash', async () => {
    const log = await openLog(path);
    await log.write(Buffer.from(HONEST));
    const { sha256, bytes, trouble } = await log.close();
    expect(readFileSync(path, 'utf8')).toBe(HONEST);
    expect({ sha256, bytes, trouble }).toEqual({ sha256: createHash('sha256').update(HONEST).digest('hex'), bytes: 7, trouble: null });
    expect(statSync(path).mode & 0o777).toBe(0o400);
  });

  it('keeps the beginning and the end of what is longer, and no file beside it that a check could find', async () => {
    const log = await openLog(path, CAP);
    for (const letter of 'abcdefghij') await log.write(Buffer.from(letter.repeat(5)));
    expect(readdirSync(folder)).toEqual(['unit.log']);
    const { sha256, trouble } = await log.close();
    const text = `${'aaaaabbbbb'}\n[30 bytes are left out here]\niiiiijjjjj`;
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect({ sha256, trouble }).toEqual({ sha256: createHash('sha256').update(text).digest('hex'), trouble: null });
    expect(readdirSync(folder)).toEqual(['unit.log']);
  });

  it.each<[string, () => void]>([
    ['adds to it', () => appendFileSync(path, 'forged\n')],
    ['writes over it', () => writeFileSync(path, 'forged\n', { flag: 'r+' })],
    ['cuts it', () => truncateSync(path, 3)],
    ['empties it', () => truncateSync(path)],
  ])('is no evidence when somebody else %s, unless what is printed later undoes it', async (_what, touch) => {
    for (const [more, whole] of [
      ['', HONEST],
      ['more\n', `${HONEST}more\n`],
      ['and one, two, three\n', `${HONEST}and\n[7 bytes are left out here]\nwo, three\n`],
    ] as const) {
      const log = await openLog(path, CAP);
      await log.write(Buffer.from(HONEST));
      touch();
      await log.write(Buffer.from(more));
      const { trouble } = await log.close();
      if (readFileSync(path, 'utf8') === whole) expect(trouble).toBeNull();
      else expect(trouble).toBe('was touched while it was made: it is not what the check printed');
      if (more === '') expect(trouble).not.toBeNull();
      rmSync(path);
    }
  });
});
