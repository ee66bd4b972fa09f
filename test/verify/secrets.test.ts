import { describe, expect, test } from 'vitest';
import { redactAll, redactingStream, secretsOf } from '../../src/verify/secrets.ts';

const ENV = { API_KEY: 'abcdefgh', DB_PASSWORD: 'abcdefgh-longer', OTHER_TOKEN: 'tokentoken', HOME: '/home/somebody', SHORT_KEY: 'true' };
const secrets = secretsOf(ENV);

function through(chunks: readonly string[]): string {
  const stream = redactingStream(secrets);
  return [...chunks.map((chunk) => stream.push(Buffer.from(chunk))), stream.end()].map(String).join('');
}

describe('secrets never reach a log', () => {
  test('only secret-looking names with values of eight characters and more', () => {
    expect(secrets.map((secret) => secret.name)).toEqual(['DB_PASSWORD', 'OTHER_TOKEN', 'API_KEY']);
  });

  const text = 'x abcdefgh y abcdefgh-longer z tokentokentokentoken abcdefg abcdefgh-longe';
  const expected =
    'x [redacted API_KEY] y [redacted DB_PASSWORD] z [redacted OTHER_TOKEN][redacted OTHER_TOKEN] abcdefg [redacted API_KEY]-longe';

  test('in one piece, and split at every place', () => {
    expect(through([text])).toBe(expected);
    for (let at = 0; at <= text.length; at++) expect(through([text.slice(0, at), text.slice(at)])).toBe(expected);
  });

  test('byte by byte', () => {
    expect(through([...text])).toBe(expected);
  });

  test('what cannot become a secret is passed on at once', () => {
    const stream = redactingStream(secrets);
    expect(stream.push(Buffer.from('Password: ')).toString()).toBe('Password: ');
    expect(stream.push(Buffer.from('abc')).toString()).toBe('');
    expect(stream.push(Buffer.from('x')).toString()).toBe('abcx');
    expect(stream.end().length).toBe(0);
  });

  test('bytes that are no text pass unchanged', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => 255 - n));
    expect(Buffer.concat([redactingStream(secrets).push(bytes)])).toEqual(bytes);
  });

  test('in plain data, however deep', () => {
    expect(redactAll({ a: ['tokentoken!', { b: null, c: 1 }] }, secrets)).toEqual({ a: ['[redacted OTHER_TOKEN]!', { b: null, c: 1 }] });
  });
});
