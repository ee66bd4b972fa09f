/**
 * As much of XML as test reports are written in: elements, attributes, text. No document type, hence no entity but the five that
 * XML itself has; nothing is fetched, nothing is expanded.
 */
export type Element = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
};

export type Xml = { readonly root: Element } | { readonly fault: string };

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 500_000;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const NAME = /[A-Za-z_:][\w:.-]*/y;
const SPACE = /[ \t\r\n]*/y;
const MARKUP: readonly (readonly [open: string, close: string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];

type Open = { readonly name: string; readonly attributes: ReadonlyMap<string, string>; readonly children: Element[] };

class Fault extends Error {}

/** Text between the elements is left out: no count stands there. */
export function parseXml(text: string): Xml {
  try {
    return { root: parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message };
    throw error;
  }
}

function parse(text: string): Element {
  const stack: Open[] = [];
  let root: Element | null = null;
  let count = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const skipped = afterMarkup(text, at);
    if (skipped !== null) {
      at = skipped;
      continue;
    }
    if (text.startsWith('<!', at)) throw new Fault('a document type is not read');
    if (text.startsWith('</', at)) {
      const end = text.indexOf('>', at);
      const open = stack.pop();
      if (end < 0 || open === undefined || text.slice(at + 2, end).trim() !== open.name) throw new Fault('its elements do not match');
      at = end + 1;
      continue;
    }
    const tag = readTag(text, at);
    const parent = stack.at(-1);
    if (++count > MAX_ELEMENTS) throw new Fault(`it holds more than ${MAX_ELEMENTS} elements`);
    if (parent !== undefined) parent.children.push(tag.element);
    else if (root === null) root = tag.element;
    else throw new Fault('it has more than one root');
    if (!tag.closed) stack.push(tag.element);
    if (stack.length > MAX_DEPTH) throw new Fault(`nested deeper than ${MAX_DEPTH} levels`);
    at = tag.end;
  }
  if (stack.length > 0) throw new Fault('it ends in the middle');
  if (root === null) throw new Fault('it holds no element');
  return root;
}

/** Behind a comment, a CDATA section or an instruction; null when none begins here. */
function afterMarkup(text: string, at: number): number | null {
  for (const [open, close] of MARKUP) {
    if (!text.startsWith(open, at)) continue;
    const end = text.indexOf(close, at + open.length);
    if (end < 0) throw new Fault('it ends in the middle');
    return end + close.length;
  }
  return null;
}

function readTag(text: string, start: number): { readonly element: Open; readonly closed: boolean; readonly end: number } {
  let at = start + 1;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const name = take(NAME);
  if (name === '') throw new Fault('a "<" begins no element');
  const attributes = new Map<string, string>();
  for (;;) {
    take(SPACE);
    if (text[at] === '>') return { element: { name, attributes, children: [] }, closed: false, end: at + 1 };
    if (text.startsWith('/>', at)) return { element: { name, attributes, children: [] }, closed: true, end: at + 2 };
    const key = take(NAME);
    take(SPACE);
    if (key === '' || text[at] !== '=') throw new Fault(`the element ${name} is not closed`);
    at++;
    take(SPACE);
    const quote = text[at] ?? '';
    const end = quote === '"' || quote === "'" ? text.indexOf(quote, at + 1) : -1;
    if (end < 0) throw new Fault(`the attribute ${key} has no end`);
    attributes.set(key, decoded(text.slice(at + 1, end)));
    at = end + 1;
  }
}

function decoded(text: string): string {
  return text.replace(/&(#x?[0-9a-fA-F]{1,6}|\w+);/g, (whole, word: string) => {
    if (!word.startsWith('#')) return ENTITIES.get(word) ?? whole;
    const code = word[1] === 'x' ? Number.parseInt(word.slice(2), 16) : Number.parseInt(word.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
  });
}
