/** The parsers at the room's and the client's door, fed with what nobody should send. */
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/core/reply.ts';
import { format, parseAnswer, parseHello, parseRequest, parseWelcome } from '../../src/wire/protocol.ts';

const NO_OBJECTS = [
  '',
  ' ',
  'x',
  '{',
  '{"a":1',
  '[]',
  '[{"id":1}]',
  'null',
  '1',
  '"{}"',
  'true',
  '{"a":1}{"b":2}',
  '\u0000',
  '{"id":1}\u0000',
];
const DEEP = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;

function accepts(parse: (line: string) => { ok: boolean }, lines: readonly string[]): string[] {
  return lines.filter((line) => parse(line).ok);
}

describe('the parsers of the wire', () => {
  it('refuse whatever is no object on one line, with a sentence', () => {
    for (const parse of [parseHello, parseWelcome, parseRequest, parseAnswer]) {
      expect(accepts(parse, NO_OBJECTS)).toEqual([]);
      for (const line of NO_OBJECTS) {
        const parsed = parse(line);
        expect(parsed.ok ? '' : parsed.why).toMatch(/\S/);
      }
      expect(parse(DEEP).ok).toBe(false);
    }
  });

  it('take what format writes', () => {
    const hello = { coordtui: 1, version: '1.2.3', mode: 'lines' } as const;
    expect(parseHello(format(hello))).toEqual({ ok: true, value: hello });
    const welcome = { coordtui: 1, version: '1.2.3', workspace: '/w', pid: 7, authority: 'operator' };
    expect(parseWelcome(format(welcome))).toEqual({ ok: true, value: welcome });
    const request = { id: 0, verb: 'ls', args: { text: 'a\nb' } };
    expect(parseRequest(format(request))).toEqual({ ok: true, value: request });
    expect(format(request).indexOf('\n')).toBe(format(request).length - 1);
  });

  it('hello: the number is needed, the version is cut, the mode is one of two', () => {
    expect(
      accepts(parseHello, ['{"coordtui":"1","mode":"lines"}', '{"coordtui":1}', '{"coordtui":1,"mode":["lines"]}', '{"mode":"lines"}']),
    ).toEqual([]);
    const parsed = parseHello(`{"coordtui":1,"mode":"screen","version":"${'v'.repeat(1000)}"}`);
    expect(parsed.ok && parsed.value.version).toHaveLength(40);
    expect(parseHello('{"coordtui":1,"mode":"lines","version":{}}')).toMatchObject({ ok: true, value: { version: '?' } });
  });

  it('request: an id that can come back, a verb, and arguments by name', () => {
    const bad = [
      '{"verb":"ls"}',
      '{"id":"1","verb":"ls"}',
      '{"id":1.5,"verb":"ls"}',
      '{"id":1e400,"verb":"ls"}',
      '{"id":9007199254740993,"verb":"ls"}',
    ];
    expect(accepts(parseRequest, [...bad, '{"id":1}', '{"id":1,"verb":null}', `{"id":1,"verb":"${'x'.repeat(61)}"}`])).toEqual([]);
    expect(
      accepts(parseRequest, ['{"id":1,"verb":"ls","args":null}', '{"id":1,"verb":"ls","args":[]}', '{"id":1,"verb":"ls","args":"x"}']),
    ).toEqual([]);
    expect(parseRequest('{"id":1,"verb":"ls"}')).toEqual({ ok: true, value: { id: 1, verb: 'ls', args: {} } });
    const parsed = parseRequest('{"id":1,"verb":"ls","args":{"__proto__":{"polluted":true}}}');
    expect(parsed.ok && Object.getPrototypeOf(parsed.value.args)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('answer: a part, a success, or a failure with a known code; an answer without an exit code is none', () => {
    const good = [
      '{"id":1,"part":null}',
      '{"id":1,"ok":true,"text":"","data":null}',
      ...Object.keys(EXIT)
        .filter((code) => code !== 'done')
        .map((code) => JSON.stringify({ id: 1, ok: false, code, message: 'm', hint: 'h' })),
    ];
    expect(accepts(parseAnswer, good)).toEqual(good);
    const bad = [
      '{"id":1}',
      '{"id":"1","part":1}',
      '{"id":1,"ok":true}',
      '{"id":1,"ok":"true","text":"","data":null}',
      '{"id":1,"ok":true,"text":7,"data":null}',
      '{"id":1,"ok":false,"code":"done","message":"m","hint":"h"}',
      '{"id":1,"ok":false,"code":"toString","message":"m","hint":"h"}',
      '{"id":1,"ok":false,"code":"__proto__","message":"m","hint":"h"}',
      '{"id":1,"ok":false,"code":"no","message":7,"hint":"h"}',
      '{"id":1,"ok":false,"code":"no","message":"m"}',
    ];
    expect(accepts(parseAnswer, bad)).toEqual([]);
  });
});
