/** Bytes as nobody should write them: sequences well and ill formed, nested, unended, broken characters, huge numbers. */
import { ODD_WORDS, PLAIN_WORDS } from './support.ts';

type Next = (below: number) => number;

const FINALS = '@ABCDEFGHIJKLMPSTXZ^`abcdefghlmnpqrstuwxyz{|}~';
const MODES = [
  1, 2, 3, 4, 5, 6, 7, 9, 12, 25, 40, 45, 47, 66, 69, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1034, 1047, 1048, 1049, 2004,
  2026, 2027, 2031,
];
const NUMBERS = [
  '',
  '0',
  '1',
  '2',
  '3',
  '5',
  '20',
  '80',
  '255',
  '256',
  '65535',
  '2147483648',
  '99999999999999999999',
  '-1',
  ':',
  '4:3',
  '38:2::1:2:3',
  '38;5;300',
  '58:5:1',
];
const ADDRESSES = [
  'http://a.example/',
  'https://b.example/?q=1;2',
  'javascript:alert(1)',
  'file:///etc',
  'mailto:a@b',
  'http://x/\u202e',
  '\u001b[2J',
  '//',
  `http://${'l'.repeat(720)}`,
];
const BROKEN: readonly (readonly number[])[] = [
  [0xff],
  [0xfe],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0x80],
  [0xbf],
  [0xc2, 0x9b],
  [0xc2, 0x90],
  [0xc2, 0x9d],
  [0xc2],
  [0xe2, 0x80, 0xae],
  [0xef, 0xbb, 0xbf],
  [0xf3, 0xa0, 0x80, 0x81],
  [0xe2, 0x80, 0xa8],
  [0xef, 0xbf, 0xbf],
];
const INTRODUCERS = [']', 'P', '_', '^', 'X'];
const ENDS = ['\u0007', '\u001b\\', '\u0018', '\u001a', '', '', '\u001b', '\u009c'];

function pick<One>(next: Next, from: ArrayLike<One>): One {
  return from[next(from.length)] as One;
}

function words(next: Next, most: number): string {
  let content = '';
  for (let left = next(most); left >= 0; left--) content += pick(next, next(3) === 0 ? ODD_WORDS : PLAIN_WORDS);
  return content;
}

function csi(next: Next): string {
  const prefix = pick(next, ['', '', '', '?', '>', '=', '<', '!']);
  const intermediate = pick(next, ['', '', '', '', ' ', '$', '"', '#', "'", '*', ' !']);
  if (next(4) === 0) return `\u001b[?${pick(next, MODES)}${pick(next, 'hlsr$')}${next(8) === 0 ? 'p' : ''}`;
  const parameters = Array.from({ length: next(9) === 0 ? next(60) : next(5) }, () => pick(next, NUMBERS)).join(next(9) === 0 ? ':' : ';');
  return `\u001b[${prefix}${parameters}${intermediate}${pick(next, FINALS)}`;
}

function graphics(next: Next): string {
  const one = (): string =>
    pick(next, [
      `${next(110)}`,
      `38;5;${next(300)}`,
      `48;2;${next(256)};${next(256)};${next(300)}`,
      `4:${next(8)}`,
      `58:2::${next(256)}:1:2`,
      '58;5;3',
      '38:2:1:2:3',
      '0',
    ]);
  return `\u001b[${Array.from({ length: 1 + next(4) }, one).join(';')}m`;
}

function osc(next: Next): string {
  const number = pick(next, [0, 1, 2, 4, 7, 8, 8, 8, 9, 10, 11, 12, 52, 104, 112, 133, 777, 1337, 7501, 99999]);
  if (number === 8)
    return `\u001b]8;${pick(next, ['', 'id=1', 'id=\u001b[m', 'a=b:id=2'])};${pick(next, ADDRESSES)}${next(2) === 0 ? next(3_000) : ''}`;
  const payload = pick(next, [
    '?',
    'A',
    'A;x',
    '7;?',
    '1;rgb:00/00/00',
    'state=working:app=a',
    `state=done:id=a${next(500)}`,
    'c;aGk=',
    '?;?;?;?',
    words(next, 6),
    `${'x'.repeat(next(3000))}`,
  ]);
  return `\u001b]${number};${payload}`;
}

function text(next: Next): string {
  return pick(next, [
    () => words(next, 10),
    () => '\r\n',
    () => pick(next, ['\t', '\b', '\u000e', '\u000f', '\u0000', '\u007f', '\u000b', '\u0005']),
    () => `e${'\u0301'.repeat(next(300))}`,
    () => `\ud83d${pick(next, 'a\u200d')}`,
  ])();
}

function piece(next: Next): Buffer {
  switch (next(10)) {
    case 0:
      return Buffer.from(Array.from({ length: next(40) }, () => next(256)));
    case 1:
      return Buffer.from(pick(next, BROKEN));
    case 2:
      return Buffer.from(csi(next));
    case 3:
      return Buffer.from(graphics(next));
    case 4:
      return Buffer.from(osc(next) + pick(next, ENDS));
    case 5:
      return Buffer.from(
        `\u001b${pick(next, INTRODUCERS)}${pick(next, ['$q', '+q', '1$tx', '', 'q'])}${words(next, 8)}${pick(next, ENDS)}`,
      );
    case 6:
      // One within another.
      return Buffer.from(`${osc(next)}${csi(next)}\u001bP${osc(next)}${pick(next, ENDS)}${graphics(next)}`);
    case 7:
      return Buffer.from(`\u001b${pick(next, '78=>cDEHMNOZno|}~()*+-./#% F\\')}${pick(next, '0AB8@G')}`);
    case 8:
      return Buffer.from(
        `\u001b[${pick(next, ['c', '>c', '=c', '5n', '6n', '?6n', '?996n', '>q', '18t', '21t', '22;0t', '23;0t', `?${pick(next, MODES)}$p`])}`,
      );
    default:
      return Buffer.from(text(next));
  }
}

/** Some pieces in a row. */
export function hostileBytes(next: Next, pieces: number): Buffer {
  return Buffer.concat(Array.from({ length: 1 + next(pieces) }, () => piece(next)));
}

/** The same bytes, cut anywhere. */
export function torn(next: Next, bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + next(pick(next, [1, 3, 20, 200]));
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return parts;
}
