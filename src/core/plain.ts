/**
 * Text that somebody else wrote, made fit to be shown: agents' tasks, summaries, file names and reports may
 * hold escape sequences, line breaks and characters that reorder or hide what a person reads.
 */

const ESCAPE = '\u001b';

/** Controls, lone surrogates, and format characters (bidi overrides, zero-width, tags); the two joiners stay, scripts and emoji need them. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu;

/** Most text is plain already, and the rules below are dear. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/u;

/** One line of at most `max` characters (code points), cut off with `…`. Line breaks and tabs become one space. */
export function plain(text: string, max: number): string {
  if (text.length <= max && PLAIN.test(text)) return text;
  // Cut before filtering: a hostile text may be as long as it likes, and what is shown is short.
  const head = text.slice(0, max * 4 + 4096);
  const line = withoutSequences(head).replace(/\s+/gu, ' ').replace(UNSHOWABLE, '').trim();
  const characters = Array.from(line);
  if (characters.length <= max && head.length === text.length) return line;
  return `${characters.slice(0, Math.max(0, max - 1)).join('')}…`;
}

/** The same filter for text that keeps its lines: newlines and tabs stay. */
export function plainLines(text: string): string {
  return withoutSequences(text)
    .replace(/\r\n?|[\u0085\u2028\u2029]/gu, '\n')
    .replace(UNSHOWABLE, (character) => (character === '\n' || character === '\t' ? character : ''));
}

/** Colours and cursor movements go as a whole, else their parameters would stay behind as litter. */
function withoutSequences(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text
    .split(ESCAPE)
    .map((part, index) => (index === 0 ? part : part.replace(/^\[[0-?]*[ -/]*[@-~]/u, '')))
    .join('');
}
