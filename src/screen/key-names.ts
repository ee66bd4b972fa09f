/**
 * Keys by one name each, however the terminal spells them: `a`, `A`, `?`, `space`, `enter`, `esc`, `up`, `f5`, `ctrl+a`,
 * `alt+x`, `shift+tab`, `ctrl+alt+shift+up`. Modifiers stand in this order; a shifted character is that character.
 */

import type { Csi } from './sequence.ts';

const SHIFT = 1;
const ALT = 2;
const CTRL = 4;
/** Super, hyper and meta: a key held with them belongs to the window manager, and is none of ours. */
const FOREIGN = 8 | 16 | 32;
const RELEASED = '3';

const BY_FINAL: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};
const BY_NUMBER: Readonly<Record<number, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pgup',
  6: 'pgdn',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};
/** The numbers that CSI u and modifyOtherKeys give to keys that are no characters. */
const BY_CODE_POINT: Readonly<Record<number, string>> = { 8: 'backspace', 9: 'tab', 10: 'enter', 13: 'enter', 27: 'esc', 127: 'backspace' };
const KEYPAD: Readonly<Record<string, string>> = {
  M: 'enter',
  I: 'tab',
  X: '=',
  j: '*',
  k: '+',
  l: ',',
  m: '-',
  n: '.',
  o: '/',
  p: '0',
  q: '1',
  r: '2',
  s: '3',
  t: '4',
  u: '5',
  v: '6',
  w: '7',
  x: '8',
  y: '9',
};

/** A character, or a control byte, as it comes alone. Null for what is no key. */
export function keyOfCharacter(character: string): string | null {
  const code = character.codePointAt(0) ?? 0;
  const special = BY_CODE_POINT[code];
  if (special !== undefined) return special;
  if (code === 0) return 'ctrl+space';
  if (code <= 26) return `ctrl+${String.fromCharCode(code + 0x60)}`;
  if (code < 32) return `ctrl+${String.fromCharCode(code + 0x40)}`;
  return code >= 0x80 && code < 0xa0 ? null : character === ' ' ? 'space' : character;
}

/** A key with Alt, which terminals send as ESC and the key. */
export function keyWithAlt(character: string): string | null {
  const key = keyOfCharacter(character);
  if (key === null) return null;
  return key.startsWith('ctrl+') ? `ctrl+alt+${key.slice(5)}` : `alt+${key}`;
}

export function keyOfSs3(final: string): string | null {
  return BY_FINAL[final] ?? KEYPAD[final] ?? null;
}

/** Null for sequences that are no key, and for keys that are let go. */
export function keyOfCsi(csi: Csi): string | null {
  if (csi.prefix !== '' || csi.intermediates !== '') return null;
  const [first = '', second = ''] = csi.fields;
  if (csi.final === 'Z') return 'shift+tab';
  if (csi.final === 'u') return keyOfCodePoint(first, second);
  if (csi.final === '~' && first === '27' && csi.fields.length === 3) return keyOfCodePoint(csi.fields[2] ?? '', second);
  const name = csi.final === '~' ? BY_NUMBER[Number.parseInt(first, 10)] : BY_FINAL[csi.final];
  const modifiers = modifiersOf(second);
  return name === undefined || modifiers === null ? null : named(name, modifiers);
}

/** The character and the modifiers that CSI u or modifyOtherKeys tell of; null for any other sequence, and for a release. */
export function codePointOf(csi: Csi): { readonly codePoint: number; readonly ctrl: boolean; readonly only: boolean } | null {
  if (csi.prefix !== '' || csi.intermediates !== '') return null;
  const other = csi.final === '~' && csi.fields[0] === '27' && csi.fields.length === 3;
  if (csi.final !== 'u' && !other) return null;
  const codePoint = Number.parseInt(csi.fields[other ? 2 : 0] ?? '', 10);
  const bits = bitsOf(csi.fields[1] ?? '');
  return { codePoint, ctrl: (bits & CTRL) !== 0, only: (bits & (SHIFT | ALT | FOREIGN)) === 0 };
}

/** Whether a CSI tells that a key was let go (kitty's event type 3). */
export function isRelease(csi: Csi): boolean {
  return (csi.fields[1] ?? '').split(':')[1] === RELEASED;
}

/** Caps lock and num lock have bits of their own, which mean nothing here. */
function bitsOf(field: string): number {
  return Math.max(0, (Number.parseInt(field, 10) || 1) - 1);
}

function modifiersOf(field: string): number | null {
  const bits = bitsOf(field);
  return (bits & FOREIGN) !== 0 || field.split(':')[1] === RELEASED ? null : bits;
}

/** `97`, or `97:65` with what the key gives with shift. */
function keyOfCodePoint(field: string, modifierField: string): string | null {
  const modifiers = modifiersOf(modifierField);
  const [plainField = '', shiftedField = ''] = field.split(':');
  const codePoint = keypadDigit(Number.parseInt(plainField, 10));
  if (modifiers === null || !(codePoint > 0 && codePoint <= 0x10ffff)) return null;
  const special = BY_CODE_POINT[codePoint] ?? (codePoint === 32 ? 'space' : undefined);
  if (special !== undefined) return named(special, special === 'space' ? modifiers & ~SHIFT : modifiers);
  // Private use is where kitty puts the keys that are modifiers themselves.
  if (codePoint < 32 || (codePoint >= 0xe000 && codePoint <= 0xf8ff) || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return null;
  const plain = String.fromCodePoint(codePoint);
  // With Ctrl a letter has no case: shift stays a modifier.
  if ((modifiers & SHIFT) === 0 || ((modifiers & CTRL) !== 0 && /^[a-z]$/iu.test(plain))) return named(plain, modifiers);
  const shifted = Number.parseInt(shiftedField, 10);
  const character = shifted > 32 && shifted <= 0x10ffff ? String.fromCodePoint(shifted) : plain.toUpperCase();
  return named(character, modifiers & ~SHIFT);
}

function keypadDigit(codePoint: number): number {
  if (codePoint >= 57399 && codePoint <= 57408) return codePoint - 57399 + 0x30;
  return codePoint === 57414 ? 13 : codePoint;
}

function named(key: string, modifiers: number): string {
  const ctrl = (modifiers & CTRL) !== 0;
  const name = ctrl && key.length === 1 ? key.toLowerCase() : key;
  return `${ctrl ? 'ctrl+' : ''}${(modifiers & ALT) !== 0 ? 'alt+' : ''}${(modifiers & SHIFT) !== 0 ? 'shift+' : ''}${name}`;
}
