import { describe, expect, it } from 'vitest';
import { plain, plainLines } from '../../src/core/plain.ts';

describe('plain', () => {
  it('is one line without controls, escape sequences, bidi overrides and invisible marks', () => {
    expect(plain('\u001b[31mred\u001b[0m\r\nline\ttwo', 100)).toBe('red line two');
    expect(plain('a\u0000b\u0007c\u007fd\u009be', 100)).toBe('abcde');
    expect(plain('user\u202etxt.exe\u2066\u200b\ufeff\u{e0041}', 100)).toBe('usertxt.exe');
    expect(plain('\u001b]0;title\u0007x', 100)).toBe(']0;titlex');
    expect(plain('half \ud83d of a pair', 100)).toBe('half  of a pair');
    expect(plain('a\u0085b\u2028c\u2029d', 100)).not.toMatch(/[\u0085\u2028\u2029]/u);
  });

  it('leaves other scripts and joined emoji alone', () => {
    for (const text of ['日本語のテスト', 'می‌خواهم', '👩‍👩‍👧 ok', 'naïve – “quoted”']) expect(plain(text, 100)).toBe(text);
  });

  it('cuts by characters, never through one, and says so with an ellipsis', () => {
    expect(plain('abcdef', 6)).toBe('abcdef');
    expect(plain('abcdefg', 6)).toBe('abcde…');
    expect(plain('👍👍👍👍', 3)).toBe('👍👍…');
    expect(plain('anything', 0)).toBe('…');
  });

  it('is quick on a text of any length, and short', () => {
    const long = `${'\u001b'.repeat(5_000_000)}end`;
    expect(plain(long, 20)).toBe('…');
    expect(plain('x '.repeat(5_000_000), 20)).toHaveLength(20);
  });
});

describe('plainLines', () => {
  it('keeps lines and tabs and nothing else that controls', () => {
    expect(plainLines('a\r\nb\tc\rd\u001b[2Je\u202ef\u0008')).toBe('a\nb\tc\ndef');
  });
});
