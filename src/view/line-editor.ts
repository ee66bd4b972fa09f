/** One line that is being typed: a text and a place in it, and what each editing key does to them. */

export type Line = { readonly text: string; readonly cursor: number };

export const EMPTY: Line = { text: '', cursor: 0 };

const MAX_LENGTH = 4000;

export function lineOf(text: string): Line {
  return { text, cursor: text.length };
}

/** Typed or pasted text; line breaks become spaces, other controls go. */
export function insert({ text, cursor }: Line, typed: string): Line {
  const added = typed.replace(/[\r\n\t]+/gu, ' ').replace(/\p{Cc}/gu, '');
  if (text.length + added.length > MAX_LENGTH) return { text, cursor };
  return { text: text.slice(0, cursor) + added + text.slice(cursor), cursor: cursor + added.length };
}

/** What a key types: a printable character as itself; null for keys that type nothing. */
export function typedBy(key: string): string | null {
  if (key === 'space') return ' ';
  const characters = Array.from(new Intl.Segmenter().segment(key));
  return characters.length === 1 && !/\p{Cc}/u.test(key) ? key : null;
}

export type Edit = 'erase' | 'erase-forward' | 'erase-word' | 'erase-all' | 'cursor-left' | 'cursor-right' | 'cursor-start' | 'cursor-end';

export function edit(line: Line, how: Edit): Line {
  const { text, cursor } = line;
  switch (how) {
    case 'erase':
      return cut(text, before(text, cursor), cursor);
    case 'erase-forward':
      return cut(text, cursor, after(text, cursor));
    case 'erase-word':
      return cut(text, text.slice(0, cursor).replace(/\S+\s*$|\s+$/u, '').length, cursor);
    case 'erase-all':
      return EMPTY;
    case 'cursor-left':
      return { text, cursor: before(text, cursor) };
    case 'cursor-right':
      return { text, cursor: after(text, cursor) };
    case 'cursor-start':
      return { text, cursor: 0 };
    case 'cursor-end':
      return lineOf(text);
  }
}

function cut(text: string, from: number, to: number): Line {
  return { text: text.slice(0, from) + text.slice(to), cursor: from };
}

/** A character is what a person sees as one: an accent or an emoji's parts go with their base. */
function before(text: string, cursor: number): number {
  const last = Array.from(new Intl.Segmenter().segment(text.slice(0, cursor))).at(-1);
  return last?.index ?? 0;
}

function after(text: string, cursor: number): number {
  const [first] = new Intl.Segmenter().segment(text.slice(cursor));
  return cursor + (first?.segment.length ?? 0);
}
