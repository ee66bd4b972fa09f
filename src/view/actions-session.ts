/** Sessions and the autopilot: starting, stopping, interrupting, and how far the coordinator may go. */
import { DIALS } from '../core/config.ts';
import type { InstanceId } from '../core/ids.ts';
import { closingOf } from '../core/session-place.ts';
import { NAVIGATION } from './actions-navigate.ts';
import { notify } from './change.ts';
import type { Context, Outcome } from './intent.ts';
import { EMPTY, lineOf } from './line-editor.ts';
import { focusedInstance } from './subject.ts';
import { ask, askFirst, verb } from './verb.ts';
import { shortName } from './words.ts';

function onInstance(context: Context, act: (instance: NonNullable<ReturnType<typeof focusedInstance>>) => Outcome): Outcome {
  const instance = focusedInstance(context.model, context.ui);
  return instance === null ? { ui: notify(context.ui, 'no session is in focus', 'info') } : act(instance);
}

/** What would be lost, or that nothing would be. */
function outcomeOf({ model }: Context, id: InstanceId): string {
  const { config, instances } = model.state.coordinator;
  const session = config.instances.find((one) => one.id === id)?.session;
  const { kept, words } = closingOf(session, instances[id]?.adopted);
  if (kept) return words;
  return `${session?.kind === 'tmux' ? `${words}: ` : ''}what it has in memory is lost, files stay`;
}

export const SESSIONS = {
  type: (context: Context): Outcome => {
    const { model, ui } = context;
    if (ui.pane === 'log') return NAVIGATION.palette(context);
    if (model.role !== 'holder')
      return {
        ui: notify(ui, model.role === 'watcher' ? 'another screen has the input; T takes it over' : 'this screen only looks on', 'warning'),
      };
    const instance = ui.pane;
    return { ui: { ...ui, mode: 'typing', focus: 'pane', scrolling: false }, do: [{ type: 'type', instance, leader: false }] };
  },
  'new-session': (context: Context) => onInstance(context, (instance) => ask(context, verb('new', { instance }))),
  interrupt: (context: Context) => onInstance(context, (instance) => ask(context, verb('interrupt', { instance }))),
  'restart-session': (context: Context) =>
    onInstance(context, (instance) =>
      askFirst(context, `restart ${shortName(instance)}? ${outcomeOf(context, instance)}`, verb('restart', { instance })),
    ),
  'close-session': (context: Context) =>
    onInstance(context, (instance) =>
      askFirst(context, `end ${shortName(instance)}? ${outcomeOf(context, instance)}`, verb('close', { instance })),
    ),
  // In an emergency there is no time for a question; going on is the one that is asked.
  'emergency-stop': (context: Context) => ask(context, verb('emergency-stop', {})),
  pause: (context: Context): Outcome => {
    const { autopilot, emergency } = context.model.state.coordinator;
    if (emergency) return askFirst(context, 'end the emergency stop? the autopilot goes on', verb('autopilot', { dial: 'resume' }));
    return ask(context, verb('autopilot', { dial: autopilot.paused ? 'resume' : 'pause' }));
  },
  dial: ({ model, ui }: Context): Outcome => {
    const index = DIALS.indexOf(model.state.coordinator.autopilot.dial);
    return { ui: { ...ui, overlay: { kind: 'palette', line: lineOf('autopilot '), index: Math.max(0, index), problem: null } } };
  },
  'stop-room': (context: Context): Outcome => {
    const { model, ui } = context;
    if (model.role === 'observer') return ask(context, verb('stop', {}));
    const sessions = Object.values(model.state.coordinator.instances).filter(({ session }) => session === 'running').length;
    return { ui: { ...ui, overlay: { kind: 'prompt', asking: { for: 'stop', sessions }, line: EMPTY } } };
  },
} as const;
