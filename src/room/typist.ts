/**
 * What one screen types into the pane that has its keys: bytes as they come, pastes that a program does not keep up
 * with, and whether the pane has the focus.
 */
import type { InstanceId } from '../core/ids.ts';
import type { Input } from '../screen/input.ts';
import { encodeMouse, type MouseEvent } from '../screen/mouse.ts';
import type { Slot } from '../view/scene.ts';
import type { ScreenWorld } from './screen-types.ts';
import { createTimers } from './timers.ts';

export type TypistOptions = {
  readonly world: ScreenWorld;
  /** The pane that has the keys of this screen; null in control focus, and for who only watches. */
  readonly typingInto: () => InstanceId | null;
  /** Within a bracketed paste. */
  readonly inPaste: () => boolean;
  /** Whether more is read of what the client sends. */
  readonly listen: (on: boolean) => void;
  readonly notice: (text: string) => void;
};

export type Typist = {
  type(bytes: Uint8Array): void;
  /** What the pane's program is to read of the mouse; null when it is not for the pane. */
  mouse(event: MouseEvent, slots: readonly Slot[]): Uint8Array | null;
  /** What is no key: an answer of the outer terminal, its window's focus. False: not of these. */
  takes(input: Input): boolean;
  /** Whether the client has to wait until the program has read. */
  waits(): boolean;
  /** To be called whenever the pane that has the keys may be another one. */
  follow(): void;
  close(): void;
};

/** As much may wait for a program that reads; then the client has to wait, too. */
const MUCH_BYTES = 1024 * 1024;
const LITTLE_BYTES = 256 * 1024;
const LOOK_MS = 5;
/** A program that has taken nothing for so long, and as often as we have looked, does not read; a busy machine may be slow. */
const STANDSTILL_MS = 2_000;
const STANDSTILL_LOOKS = 100;
const UNSTUCK_MS = 100;
const PASTE_END = Buffer.from('\u001b[201~');
const FOCUS = { in: Buffer.from('\u001b[I'), out: Buffer.from('\u001b[O') };

export function createTypist({ world, typingInto, inPaste, listen, notice }: TypistOptions): Typist {
  const timers = createTimers<'drain'>();
  let focused = true;
  let told: InstanceId | null = null;
  // Within a paste of which a part was refused: the rest is left out, or the program would get one with a hole.
  let leavingOut = false;
  let stuck: InstanceId | null = null;
  let waiting = false;

  function type(bytes: Uint8Array): void {
    const pane = typingInto();
    if (pane === null) return;
    if (leavingOut && !inPaste()) leavingOut = false;
    const isEnd = PASTE_END.equals(bytes);
    if (leavingOut && !isEnd) return;
    if (!world.panes.type(pane, bytes)) refused(pane);
    else if (stuck !== pane) waitFor(pane);
  }

  function refused(pane: InstanceId): void {
    leavingOut = inPaste();
    const rest = leavingOut ? 'the rest of the paste is left out' : 'nothing more is taken';
    notice(`${pane} does not read what is typed: ${rest}; ! interrupts it`);
  }

  /** Bytes in flight are held by the client's terminal as long as the program goes on reading. */
  function waitFor(pane: InstanceId): void {
    let backlog = world.panes.backlogBytes(pane);
    if (backlog < MUCH_BYTES) return;
    listen(false);
    waiting = true;
    let movedAt = world.now();
    let looks = 0;
    const look = (): void => {
      const now = world.panes.backlogBytes(pane);
      looks += 1;
      if (now < backlog) {
        movedAt = world.now();
        looks = 0;
      }
      backlog = now;
      const stands = looks >= STANDSTILL_LOOKS && world.now() - movedAt >= STANDSTILL_MS;
      if (now >= LITTLE_BYTES && !stands) timers.once('drain', LOOK_MS, look);
      else {
        stuck = now >= LITTLE_BYTES ? pane : null;
        listen(true);
        waiting = false;
        if (stuck !== null) untilUnstuck(pane);
      }
    };
    timers.once('drain', LOOK_MS, look);
  }

  function untilUnstuck(pane: InstanceId): void {
    timers.once('drain', UNSTUCK_MS, () => {
      if (world.panes.backlogBytes(pane) >= LITTLE_BYTES) untilUnstuck(pane);
      else stuck = null;
    });
  }

  // A button that went down in the pane: until it comes up the mouse is the program's, also outside.
  let dragged = false;

  function mouse(event: MouseEvent, slots: readonly Slot[]): Uint8Array | null {
    const pane = typingInto();
    const slot = slots.find((one) => one.kind === 'pane' && one.instance === pane);
    const modes = pane === null ? null : world.paneModes(pane);
    if (slot === undefined || modes === null) return null;
    const kept = dragged && (event.action === 'move' || event.action === 'release');
    const bytes = encodeMouse(kept ? within(event, slot) : event, slot, modes);
    if (event.action === 'press') dragged = bytes !== null;
    else if (event.action === 'release') dragged = false;
    return bytes;
  }

  function tell(pane: InstanceId | null, bytes: Uint8Array): void {
    if (pane !== null && world.paneModes(pane)?.focusEvents === true) world.panes.write(pane, bytes);
  }

  function follow(): void {
    const now = focused ? typingInto() : null;
    if (now === told) return;
    tell(told, FOCUS.out);
    told = now;
    tell(now, FOCUS.in);
  }

  return {
    type,
    mouse,
    takes(input) {
      if (input.type === 'reply') world.panes.colours.take(input.sequence);
      if (input.type === 'focus') {
        focused = input.focused;
        follow();
      }
      return input.type === 'reply' || input.type === 'focus';
    },
    waits: () => waiting,
    follow,
    close() {
      focused = false;
      follow();
      timers.close();
    },
  };
}

function within(event: MouseEvent, { x, y, width, height }: Slot): MouseEvent {
  return { ...event, x: Math.min(Math.max(event.x, x), x + width - 1), y: Math.min(Math.max(event.y, y), y + height - 1) };
}
