/** The room's facts as one screen's view wants them. */
import type { Config } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import { nextHint } from '../view/hints.ts';
import type { Model, PaneId, PaneView, Role } from '../view/model.ts';
import type { Ui } from '../view/ui-state.ts';
import type { Compositor } from './compositor.ts';
import type { Readers } from './readers.ts';
import type { ScreenWorld } from './screen-types.ts';

export type Looking = {
  readonly world: ScreenWorld;
  readonly ui: Ui;
  readonly role: Role;
  readonly colours: Model['colours'];
  readonly compositor: Compositor;
  readonly readers: Readers;
  /** How often a screen was attached before this one. */
  readonly attachedBefore: number;
};

export function modelOf({ world, ui, role, colours, compositor, readers, attachedBefore }: Looking): Model {
  const facts = world.facts();
  const hint = world.guide === null ? null : nextHint(facts.state, ui, world.guide.done, attachedBefore);
  const panes = paneViews({ world, role, compositor }, facts.state.coordinator.config);
  return { ...facts, role, colours, hint, panes, reading: readers.readings() };
}

function paneViews({ world, role, compositor }: Pick<Looking, 'world' | 'role' | 'compositor'>, config: Config): Model['panes'] {
  const views = config.instances.flatMap(({ id }): [InstanceId, PaneView][] => {
    const pane = world.panes.get(id);
    if (pane === null) return [];
    const exit = pane.exit();
    const away = pane.away();
    const unread = (pane.lastOutputAt() ?? 0) > (compositor.seenAt(id) ?? 0);
    return [
      [
        id,
        {
          title: pane.title(),
          running: exit === null,
          unread,
          exit: exit === null ? null : { code: exit.exitCode, signal: exit.signal },
          // The holder's panes have its own size, or will in a moment.
          ...(role === 'holder' ? {} : { size: pane.size() }),
          ...(away === null ? {} : { away }),
        },
      ],
    ];
  });
  return Object.fromEntries(views);
}

export function firstPane(config: Config): PaneId {
  return config.instances.find(({ command }) => command !== null)?.id ?? 'log';
}
