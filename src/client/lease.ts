/**
 * For how long the room may use what is this process's own. It is told so again each second, and says that it has heard; so
 * its silence is noticed, and when it has been silent for long enough it may use nothing of it any more, whatever it still
 * believes (decision 0027).
 */

/** Measured on the clock that never goes back and is the same for all processes of the machine. */
const LEASE_MS = 4_000;
const RENEW_MS = 1_000;
/** Waited through by a process that runs: one that was stopped itself has heard nothing, and that says nothing. */
const SILENT_LOOKS = LEASE_MS / RENEW_MS;

export type Lease = {
  /** A new one, whose taking is answered: until when it holds, in milliseconds of the machine's steady clock. */
  begin(): number;
  /** The room has said a word. */
  answered(): void;
  /** Renewed from now on, after a rest. */
  resume(): void;
  /** It needs no renewing and no answer: nothing is lent. */
  rest(): void;
  /** When the room was heard last. */
  heardAt(): Date;
  close(): void;
};

export type LeaseOptions = {
  /** To be told the room, which has answered until now. */
  readonly renew: (until: number) => void;
  /** The lease has run out unanswered. */
  readonly onSilence: () => void;
};

export function openLease({ renew, onSilence }: LeaseOptions): Lease {
  let state: 'rests' | 'owed' | 'answered' = 'rests';
  let until = 0;
  let looks = 0;
  let heardAt = new Date();
  const begin = (): number => {
    state = 'owed';
    looks = 0;
    until = steadyMs() + LEASE_MS;
    return until;
  };
  const look = () => {
    if (state === 'rests') return;
    if (state === 'answered') {
      renew(begin());
      return;
    }
    looks += 1;
    if (looks < SILENT_LOOKS || steadyMs() < until) return;
    state = 'rests';
    onSilence();
  };
  // What has come while this process stood still is heard first: the room may have said its last word, and be gone.
  let turn: NodeJS.Immediate | undefined;
  const looking = setInterval(() => {
    turn = setImmediate(look);
  }, RENEW_MS);
  return {
    begin,
    answered() {
      heardAt = new Date();
      if (state === 'owed') state = 'answered';
    },
    resume() {
      state = 'answered';
    },
    rest() {
      state = 'rests';
    },
    heardAt: () => heardAt,
    close() {
      clearInterval(looking);
      clearImmediate(turn);
    },
  };
}

const steadyMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);
