/**
 * Which ids the journal holds, and where. The newest are kept as they are; those before them as numbers of 53 bits in one
 * table, 16 bytes each at most, so that a million of them cost no more than a picture. That two ids of a million share
 * a number is less likely than a disk that errs unnoticed.
 */
export type KnownIds = {
  get(id: string): number | undefined;
  add(id: string, seq: number): void;
  /** One that is known to be old: it goes straight into the table. */
  addOld(id: string, seq: number): void;
};

const RECENT = 20_000;
const FULLNESS = 0.6;

export function createKnownIds(): KnownIds {
  const recent = new Map<string, number>();
  /** Pairs of an id's number and its seq; 0 is an empty place. */
  let table = new Float64Array(2 * 1_024);
  let count = 0;

  function place(key: number): number {
    const places = table.length / 2;
    let at = key % places;
    while (table[2 * at] !== 0 && table[2 * at] !== key) at = (at + 1) % places;
    return 2 * at;
  }

  function grow(): void {
    const before = table;
    table = new Float64Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2) {
      const key = before[at] ?? 0;
      if (key !== 0) table.set([key, before[at + 1] ?? 0], place(key));
    }
  }

  function addOld(id: string, seq: number): void {
    if (count + 1 > (table.length / 2) * FULLNESS) grow();
    const key = numberOf(id);
    const at = place(key);
    if (table[at] === 0) count += 1;
    table[at] = key;
    table[at + 1] = seq;
  }

  return {
    get: (id) => {
      const known = recent.get(id);
      if (known !== undefined) return known;
      const at = place(numberOf(id));
      return table[at] === 0 ? undefined : table[at + 1];
    },
    add: (id, seq) => {
      recent.set(id, seq);
      if (recent.size <= RECENT) return;
      for (const [oldest, where] of recent) {
        if (recent.size <= RECENT / 2) break;
        addOld(oldest, where);
        recent.delete(oldest);
      }
    },
    addOld,
  };
}

/** Two hashes of 32 bits in one number of 53, never 0. */
function numberOf(id: string): number {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + index), 0x85ebca6b);
    b ^= b >>> 15;
  }
  a ^= a >>> 16;
  return (a >>> 0) * 0x200000 + (b >>> 11) + 1;
}
