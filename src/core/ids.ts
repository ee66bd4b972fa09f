/** Names of things, parsed once at the door and trusted inside. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type InstanceId = Branded<'InstanceId'>;
export type HandoffId = Branded<'HandoffId'>;
export type CheckId = Branded<'CheckId'>;

/** Milliseconds since 1970, as they arrive in events; the core has no clock. */
export type Ms = number;

const INSTANCE = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const HANDOFF = /^h-[0-9a-f]{4,8}$/;
const CHECK = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;

/** Lower-case letters, digits and hyphens, 64 at most: the names that documents and mailboxes allow too. */
export function parseInstanceId(text: string): InstanceId | null {
  return INSTANCE.test(text) ? (text as InstanceId) : null;
}

export function parseHandoffId(text: string): HandoffId | null {
  return HANDOFF.test(text) ? (text as HandoffId) : null;
}

/** A check's name becomes part of file names, so it holds nothing that a path could use. */
export function parseCheckId(text: string): CheckId | null {
  return CHECK.test(text) ? (text as CheckId) : null;
}

/** A fresh handoff id out of the random seed that an event carries; longer when the short one is taken. */
export function drawHandoffId(seed: string, taken: (id: HandoffId) => boolean): HandoffId {
  for (let length = 4; length <= 8; length++) {
    const id = `h-${seed.slice(0, length)}` as HandoffId;
    if (!taken(id)) return id;
  }
  throw new Error(`handoff id: every prefix of the seed ${seed} is taken`);
}

/** As a target it must mean itself: tmux reads dots, colons and most signs at its beginning as something else. */
export function parseTmuxName(text: string): string | null {
  return /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/.test(text) ? text : null;
}

/** A host, with a user where one is named; never anything that ssh could read as an option. */
export function parseSshHost(text: string): string | null {
  return text.length <= 255 && /^(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9[][A-Za-z0-9._:\]-]*$/.test(text) ? text : null;
}
