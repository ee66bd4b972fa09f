/** What a screen does when something in a pane has been printed: an echo is painted at once, everything else in its turn. */
import type { InstanceId } from '../core/ids.ts';
import type { Frames } from '../screen/frames.ts';
import type { Compositor, Source } from './compositor.ts';
import type { ScreenWorld } from './screen-types.ts';
import type { Timers } from './timers.ts';

export type ArrivalOptions = {
  readonly world: ScreenWorld;
  readonly frames: Frames;
  readonly timers: Timers<'frame'>;
  readonly compositor: Pick<Compositor, 'touch' | 'slots'>;
  /** Whether this is the echo that a key waits for; asked once for each. */
  readonly echoes: (id: InstanceId) => boolean;
  readonly paintEcho: (id: InstanceId) => boolean;
  /** Something in a pane that has no place on this screen: its row of the chrome may say more now. */
  readonly unseen: () => void;
};

const HELD_FRAME_MS = 150;

/** Until the stop is called. */
export function watchArrivals({ world, frames, timers, compositor, echoes, paintEcho, unseen }: ArrivalOptions): () => void {
  function shown(what: Source): void {
    compositor.touch(what);
    frames.request();
  }

  function printed(id: InstanceId): void {
    // In the midst of a frame of its own (mode 2026): shown as it was before, until it is whole or has taken too long.
    if (world.paneModes(id)?.synchronized === true) {
      timers.once('frame', HELD_FRAME_MS, () => shown(id));
      shown(id);
      return;
    }
    compositor.touch(id, world.panes.get(id)?.history.changedRows());
    if (!compositor.slots().some((slot) => slot.kind === 'pane' && slot.instance === id)) unseen();
    else if (echoes(id)) frames.immediate(() => paintEcho(id));
    else frames.request();
  }

  const { instances } = world.facts().state.coordinator.config;
  const stops = [
    world.log.subscribe(() => shown('log')),
    world.output.subscribe(() => shown('output')),
    ...instances.map(({ id }) => world.panes.subscribe(id, () => printed(id))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
