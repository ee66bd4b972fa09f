/** What a program calls itself, made fit to stand in a title: one line, nothing invisible that could deceive. */
// Control characters, halves of characters, line separators, direction overrides.
const UNFIT = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `text` without unfit characters, trimmed, at most `length` characters long. */
export function plainText(text: string, length: number): string {
  // Cut first, generously: a title of ten megabytes is not worth a regular expression.
  const fit = text
    .slice(0, length * 8)
    .replace(UNFIT, '')
    .trim();
  return [...fit].slice(0, length).join('');
}
