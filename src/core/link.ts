/** Where a link that somebody else wrote (OSC 8) may lead, and when it is none. */

/** Kept below what the oldest terminal multiplexers can hold of one sequence, else they print the rest of it as text. */
const LONGEST = 700;
const SAFE = /^(?:https?:\/\/|file:\/\/|mailto:)[!-~]+$/iu;

/** The address when it is http, https, file or mailto in printable ASCII (as RFC 3986 has it) and not too long; else null. */
export function safeLink(address: string): string | null {
  return address.length <= LONGEST && SAFE.test(address) ? address : null;
}
