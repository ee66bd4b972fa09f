/**
 * A key goes before a flood: while one session owes the echo of a key, the others are not read, so that neither the room
 * nor the programs that print take the processor from it. Measured with two floods: a fifth to a quarter less to wait.
 */
import type { InstanceId } from '../core/ids.ts';
import type { Pane } from './pane.ts';

type Held = Pick<Pane, 'instance' | 'exit' | 'hold' | 'readOn'>;

export type Favour = {
  /** Something was typed into it. */
  typed(instance: InstanceId): void;
  /** It printed: what it owed has come. */
  printed(instance: InstanceId): void;
  close(): void;
};

/** A program that echoes nothing (a password) must not hold up the others. */
const LONGEST_MS = 10;

export function createFavour(panes: () => Iterable<Held>): Favour {
  let owes: InstanceId | null = null;
  let held: Held[] = [];
  let timer: NodeJS.Timeout | null = null;

  const release = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    owes = null;
    for (const pane of held.splice(0)) pane.readOn();
  };

  return {
    typed(instance) {
      // A second key does not make the others wait longer.
      if (owes !== null) return;
      held = [...panes()].filter((pane) => pane.instance !== instance && pane.exit() === null);
      if (held.length === 0) return;
      owes = instance;
      for (const pane of held) pane.hold();
      timer = setTimeout(release, LONGEST_MS);
    },
    printed(instance) {
      if (instance === owes) release();
    },
    close: release,
  };
}
