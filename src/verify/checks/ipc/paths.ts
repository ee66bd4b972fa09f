/** Paths of routes and of calls, piece by piece. */
import type { Pattern } from './text.ts';

/** A word, or whatever stands there; `rest`: all that follows. */
type Piece = { readonly word: string | null; readonly rest?: boolean; readonly optional?: boolean };

export type Route = { readonly pieces: readonly Piece[] };

/** `other`: another host, which is nobody's here. */
export type Target =
  | {
      readonly kind: 'here';
      readonly pieces: readonly Piece[] /** What stands before it is only known at run time. */;
      readonly isSuffix: boolean;
    }
  | { readonly kind: 'other' | 'unknown' };

const HOLE = '\u0000';
const OWN_HOST = /^(?:https?|wss?):\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d+|:\u0000)?/;
const FILE = /\.(?:json|svg|png|jpe?g|gif|webp|ico|html?|css|js|mjs|wasm|txt|xml|pdf|csv|woff2?|md)$/i;

export function routeOf(pattern: Pattern): Route {
  return { pieces: split(textOf(pattern)).map(routePiece) };
}

function routePiece(part: string): Piece {
  if (part === '*' || part === '**' || /^\*\w*$/.test(part) || part === '(.*)' || /^:\w+\*$/.test(part) || /^\{\*?\w*\*\}$/.test(part))
    return { word: null, rest: true };
  if (/^:\w+\?$/.test(part) || /^:\w+\{.*\}\?$/.test(part)) return { word: null, optional: true };
  return part.includes(':') || /^[{[].*[}\]]$/.test(part) || part.includes(HOLE) || part.includes('*') || part.includes('(')
    ? { word: null }
    : { word: part };
}

export function targetOf(pattern: Pattern): Target {
  let text = textOf(pattern);
  if (text === '' || text === HOLE) return { kind: 'unknown' };
  let isSuffix = false;
  if (OWN_HOST.test(text)) text = text.replace(OWN_HOST, '');
  else if (/^(?:https?|wss?):\/\/\u0000/.test(text)) [text, isSuffix] = [text.replace(/^\w+:\/\/\u0000(?::\u0000|:\d+)?/, ''), true];
  else if (/^(?:\w+:)?\/\/|^(?:data|blob|mailto):/.test(text)) return { kind: 'other' };
  else if (text.startsWith(HOLE)) [text, isSuffix] = [text.slice(1), true];
  const path = text.replace(/[?#].*$/s, '');
  if (path === '' || (isSuffix && !path.startsWith('/')) || FILE.test(path)) return { kind: path === '' || isSuffix ? 'unknown' : 'other' };
  // A hole right behind a word is a query that somebody has put together.
  const pieces = split(path).map((part): Piece => {
    if (!part.includes(HOLE)) return { word: decoded(part) };
    const word = part.replace(/\u0000+$/, '');
    return word !== '' && !word.includes(HOLE) ? { word } : { word: null };
  });
  return { kind: 'here', pieces, isSuffix };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone percent sign is one.
    return part;
  }
}

function textOf(pattern: Pattern): string {
  return pattern.map((part) => (typeof part === 'string' ? part : HOLE)).join('');
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** 0: no match; the more words agree, the higher. */
export function matches(route: Route, target: Extract<Target, { kind: 'here' }>, routeIsSuffix: boolean): number {
  const { pieces } = target;
  if (!target.isSuffix && !routeIsSuffix) return from(route.pieces, pieces);
  // One of the two lacks its beginning: the shorter must be the end of the longer.
  let best = 0;
  if (target.isSuffix)
    for (let at = 0; at <= route.pieces.length; at++)
      best = Math.max(best, hasWord(route.pieces.slice(at)) ? from(route.pieces.slice(at), pieces) : 0);
  if (routeIsSuffix) for (let at = 0; at <= pieces.length; at++) best = Math.max(best, from(route.pieces, pieces.slice(at)));
  return best;
}

function hasWord(pieces: readonly Piece[]): boolean {
  return pieces.length === 0 || pieces.some((piece) => piece.word !== null);
}

function from(route: readonly Piece[], target: readonly Piece[]): number {
  let score = 1;
  for (let at = 0; at < Math.max(route.length, target.length); at++) {
    const [wanted, given] = [route[at], target[at]];
    if (wanted?.rest === true) return score;
    if (wanted === undefined) return 0;
    if (given === undefined) return wanted.optional === true ? score : 0;
    if (wanted.word !== null && given.word !== null && wanted.word.toLowerCase() !== given.word.toLowerCase()) return 0;
    score += wanted.word !== null && given.word !== null ? 10 : wanted.word === null ? 2 : 1;
  }
  return score;
}
