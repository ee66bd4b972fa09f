/** The sessions as the view wants them: facts about each pane, and which of them a screen begins with. */
import type { Config } from '../core/config.ts';
import type { InstanceId, Ms } from '../core/ids.ts';
import type { PaneSet } from '../pane/pane-set.ts';
import type { Model, PaneId, PaneView } from '../view/model.ts';

/** `seenAt`: when this screen last showed an instance's pane in focus. */
export function paneViews(panes: PaneSet, config: Config, seenAt: (instance: InstanceId) => Ms | null): Model['panes'] {
  const views = config.instances.flatMap(({ id }): [InstanceId, PaneView][] => {
    const pane = panes.get(id);
    if (pane === null) return [];
    const exit = pane.exit();
    const unread = (pane.lastOutputAt() ?? 0) > (seenAt(id) ?? 0);
    return [
      [
        id,
        { title: pane.title(), running: exit === null, unread, exit: exit === null ? null : { code: exit.exitCode, signal: exit.signal } },
      ],
    ];
  });
  return Object.fromEntries(views);
}

export function firstPane(config: Config): PaneId {
  return config.instances.find(({ command }) => command !== null)?.id ?? 'log';
}
