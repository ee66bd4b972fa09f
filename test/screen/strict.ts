/** What may stand in what we write to the outer terminal, by a parser that knows nothing else. */

export type Size = { readonly cols: number; readonly rows: number };

/** Of the format characters the joiners, the tags of flags and the Arabic signs that are seen are harmless in a cell. */
const UNFIT =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}]|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])\p{Cf}/u;
const OWN_MODES = new Set(['1', '1000', '1002', '1003', '1004', '1006']);
const ADDRESS = /^(?:https?:\/\/|file:\/\/|mailto:)[!-~]{1,700}$/u;
const CHANNEL = '(?:\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])';
const GRAPHICS = new RegExp(
  `^(?:0|[1-35789]|53|4|4:[1-5]|[34][0-79]|9[0-7]|10[0-7]|[34]8;5;${CHANNEL}|[34]8;2;${CHANNEL};${CHANNEL};${CHANNEL}` +
    `|59|58:5:${CHANNEL}|58:2::${CHANNEL}:${CHANNEL}:${CHANNEL})(?:;|$)`,
  'u',
);
const CSI = /\u001b\[([?]?)([\d;:]*)( ?)([A-Za-z])/uy;
const LINK = /\u001b\]8;(?:id=([0-9a-z]{1,8}))?;([!-~]*?)\u001b\\/uy;

/** Everything in it that is none of ours, with its place; empty for what may be written. `frame`: by the writer, in a screen of this size. */
export function foreign(output: string, frame: Size | null): string[] {
  const wrong: string[] = [];
  let at = 0;
  let open = false;
  let linked = false;
  const bad = (why: string): void => {
    wrong.push(`${why} at ${at}: ${JSON.stringify(output.slice(Math.max(0, at - 20), at + 40))}`);
  };

  function sequence(prefix: string, parameters: string, space: string, final: string): boolean {
    if (frame === null)
      return (final === 'h' || final === 'l') && prefix === '?'
        ? OWN_MODES.has(parameters)
        : isCursorStyle(prefix, parameters, space, final);
    if (space !== '') return false;
    if (prefix === '?') {
      if (parameters === '25') return open && (final === 'h' || final === 'l');
      if (parameters !== '2026' || (final === 'h') === open || (final !== 'h' && final !== 'l')) return false;
      if (final === 'l' && linked) return false;
      open = final === 'h';
      return true;
    }
    if (!open) return false;
    const numbers = parameters.split(';').map(Number);
    const [first = 0, second = 0] = numbers;
    if (final === 'H') return numbers.length === 2 && first >= 1 && first <= frame.rows && second >= 1 && second <= frame.cols;
    if (final === 'G') return numbers.length === 1 && first >= 2 && first <= frame.cols;
    if (final === 'J') return parameters === '2';
    if (final === 'K') return parameters === '';
    return final === 'm' && isGraphics(parameters);
  }

  while (at < output.length && wrong.length < 5) {
    if (output[at] === '\u001b') {
      CSI.lastIndex = at;
      const csi = CSI.exec(output);
      LINK.lastIndex = at;
      const link = csi === null ? LINK.exec(output) : null;
      if (csi !== null) {
        const [whole, prefix = '', parameters = '', space = '', final = ''] = csi;
        if (!sequence(prefix, parameters, space, final)) bad('a sequence that is not ours');
        at += whole.length;
      } else if (link !== null) {
        const [whole, id, address = ''] = link;
        if (!open || (id === undefined) !== (address === '') || (address !== '' && !ADDRESS.test(address))) bad('a link that is not ours');
        linked = address !== '';
        at += whole.length;
      } else if (frame === null && (output[at + 1] === '=' || output[at + 1] === '>')) {
        at += 2;
      } else {
        bad('an escape');
        at += 1;
      }
      continue;
    }
    const code = output.codePointAt(at) ?? 0;
    const character = String.fromCodePoint(code);
    if (frame === null || !open) bad('text outside a frame');
    else if (code !== 0x0d && UNFIT.test(character)) bad('a control character');
    at += character.length;
  }
  if (open) bad('a frame that is not ended');
  return wrong;
}

function isGraphics(parameters: string): boolean {
  let rest = parameters;
  while (rest !== '') {
    const [found = ''] = GRAPHICS.exec(rest) ?? [];
    if (found === '') return false;
    rest = rest.slice(found.length);
    if (rest === '' && found.endsWith(';')) return false;
  }
  return true;
}

function isCursorStyle(prefix: string, parameters: string, space: string, final: string): boolean {
  return prefix === '' && space === ' ' && final === 'q' && /^[0-6]$/u.test(parameters);
}

/** What a terminal may answer to a program: of fixed forms, no text that the program chose, no key that does anything. */
const ANSWERS = [
  /^\u001b\[\??[\d;]*[cRn]$/u,
  /^\u001b\[>[\d;]*c$/u,
  /^\u001b\[\??\d+;[0-4]\$y$/u,
  /^\u001b\[8;\d+;\d+t$/u,
  /^\u001bP[01]\$r(?:[\d;:]*(?:m|r| q|"p|"q))?\u001b\\$/u,
  /^\u001bP>\|coordtui\u001b\\$/u,
  /^\u001b\]7501;\?\u001b\\$/u,
  /^\u001b\](?:4;\d+|1[0-2]);rgb:[0-9a-f/]+\u001b\\$/u,
];

export function isAnswer(text: string): boolean {
  return ANSWERS.some((one) => one.test(text));
}
