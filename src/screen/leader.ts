/** The key that leads out of a pane. */

export type Leader = {
  /** As it is written in the config: `ctrl+]`. */
  readonly name: string;
  /** What a terminal sends for it of old; also what a pane gets when the leader is to be typed into it. */
  readonly byte: number;
  /** The character of the key, as CSI u and modifyOtherKeys spell it. */
  readonly codePoint: number;
};

/**
 * `ctrl+` and a letter, or one of `] \ ^ _ space @`. Null for anything else, and for keys that a pane cannot do without:
 * Tab (`ctrl+i`), Enter (`ctrl+m`, `ctrl+j`), Backspace (`ctrl+h`), Esc (`ctrl+[`) and the interrupt (`ctrl+c`).
 */
export function parseLeader(name: string): Leader | null {
  const key = /^ctrl\+(space|[a-z@\\\]^_])$/u.exec(name.toLowerCase())?.[1];
  if (key === undefined || /^[chijm]$/u.test(key)) return null;
  const character = key === 'space' ? ' ' : key;
  const codePoint = character.charCodeAt(0);
  return { name: name.toLowerCase(), byte: key === 'space' ? 0 : character.toUpperCase().charCodeAt(0) & 0x1f, codePoint };
}

/** Ctrl-] */
export const DEFAULT_LEADER: Leader = { name: 'ctrl+]', byte: 0x1d, codePoint: 0x5d };

/** The leader that holds now: another config may name another while a screen is attached. */
export function leaderNow(named: () => string): Leader {
  let [name, leader] = ['', DEFAULT_LEADER];
  const now = (): Leader => {
    const next = named();
    if (next !== name) [name, leader] = [next, parseLeader(next) ?? DEFAULT_LEADER];
    return leader;
  };
  return {
    get name() {
      return now().name;
    },
    get byte() {
      return now().byte;
    },
    get codePoint() {
      return now().codePoint;
    },
  };
}
