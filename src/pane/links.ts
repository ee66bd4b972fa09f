/**
 * The links (OSC 8) of a program's screen. xterm's own table keeps a marker for each line of each link, which costs a
 * call for every line that scrolls and grows without end in a line that is written again and again; so the addresses
 * are kept here, few of them, and a cell carries only a number.
 */
import type { Terminal } from '@xterm/headless';
import { safeLink } from '../core/link.ts';
import { coreOf, part } from './inside.ts';

/** Links that are known at a time; the text of an older one stays, its address is forgotten. */
const KEPT = 1024;
/** Numbers that xterm's own table never gives: what it does not know it leaves alone. */
const FIRST_NUMBER = 0x1000_0000;

/** The attributes with which xterm writes, in its private part. */
type Extended = { urlId: number; clone(): Extended };
type Attributes = { extended: Extended; updateExtended(): void };

export type Links = {
  /** The address that belongs to a cell's number; null when there is none, or none any more. */
  addressOf(number: number): string | null;
};

/** Where xterm's private part is otherwise than expected there are no links, only their text. */
export function watchLinks(terminal: Terminal): Links {
  const addresses = new Map<number, string>();
  const numbers = new Map<string, number>();
  let next = FIRST_NUMBER;

  function numberOf(address: string): number {
    const known = numbers.get(address);
    if (known !== undefined) return known;
    const number = next++;
    numbers.set(address, number);
    addresses.set(number, address);
    if (addresses.size > KEPT) forgetOldest();
    return number;
  }

  function forgetOldest(): void {
    const oldest = addresses.entries().next().value;
    if (oldest === undefined) return;
    addresses.delete(oldest[0]);
    numbers.delete(oldest[1]);
  }

  terminal.parser.registerOscHandler(8, (payload) => {
    const attributes = attributesOf(terminal);
    const at = payload.indexOf(';');
    if (attributes === null || at === -1) return true;
    const address = safeLink(payload.slice(at + 1));
    attributes.extended = attributes.extended.clone();
    attributes.extended.urlId = address === null ? 0 : numberOf(address);
    attributes.updateExtended();
    return true;
  });

  return { addressOf: (number) => addresses.get(number) ?? null };
}

function attributesOf(terminal: Terminal): Attributes | null {
  const found = part(part(coreOf(terminal), '_inputHandler'), '_curAttrData');
  const extended = part(found, 'extended');
  if (typeof part(extended, 'clone') !== 'function' || typeof part(extended, 'urlId') !== 'number') return null;
  return typeof part(found, 'updateExtended') === 'function' ? (found as Attributes) : null;
}
