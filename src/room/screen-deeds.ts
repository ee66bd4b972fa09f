/** What one screen's user asked for, carried out: verbs, documents, the clipboard, the way out. */
import type { HandoffId, InstanceId } from '../core/ids.ts';
import type { JsonObject } from '../core/tree.ts';
import { openCase } from '../view/actions-entries.ts';
import { notify } from '../view/change.ts';
import { type Intent, onReply } from '../view/intent.ts';
import type { Role } from '../view/model.ts';
import { readKey } from '../view/reading.ts';
import type { TextKind, Ui } from '../view/ui-state.ts';
import type { Readers } from './readers.ts';
import type { ScreenReading } from './screen-reading.ts';
import type { ScreenOptions } from './screen-types.ts';

export type DeedsOptions = {
  readonly options: Pick<ScreenOptions, 'world' | 'actor' | 'detach' | 'takeOver'>;
  readonly reading: ScreenReading;
  readonly readers: Readers;
  readonly role: () => Role;
  /** The screen is drawn anew afterwards; nothing happens once it is closed. */
  readonly change: (how: (ui: Ui) => Ui) => void;
  readonly typeInto: (instance: InstanceId, withLeader: boolean) => void;
  readonly drawAll: () => void;
  readonly opened: () => void;
};

const ONLY_LOOKS = 'this screen only looks on';

export function createDeeds({
  options,
  reading,
  readers,
  role,
  change,
  typeInto,
  drawAll,
  opened,
}: DeedsOptions): (intent: Intent) => void {
  const { world, actor } = options;
  const warn = (text: string): void => change((ui) => notify(ui, text, 'warning'));

  const speak = async (verb: string, args: JsonObject): Promise<void> => {
    if (role() === 'observer') return warn(ONLY_LOOKS);
    const reply = await world.verb(verb, args, actor);
    const text = reply.ok ? (reply.text.split('\n', 1)[0] ?? '') : `${reply.message}; ${reply.hint}`;
    change((ui) => onReply(ui, text, reply.ok));
  };

  const openText = async (what: TextKind, handoff: string | null, filter = ''): Promise<void> => {
    readers.openText(readKey({ what, handoff }), await world.text(what, handoff ?? filter));
    opened();
  };

  const openEntry = (handoff: HandoffId): void => {
    const sealed = world.facts().state.coordinator.handoffs[handoff]?.rounds.some(({ evidence }) => evidence !== null) === true;
    const what = sealed ? 'evidence' : 'explain';
    change((ui) => openCase(ui, what, handoff));
    void openText(what, handoff);
  };

  return (intent) => {
    switch (intent.type) {
      case 'verb':
        void speak(intent.verb, intent.args as JsonObject);
        return;
      case 'detach':
        options.detach();
        return;
      case 'type':
        typeInto(intent.instance, intent.leader);
        return;
      case 'take-over':
        if (role() === 'observer') warn(ONLY_LOOKS);
        else options.takeOver();
        return;
      case 'copy':
        reading.copy(intent.text);
        return;
      case 'read':
        reading.act(intent.key, intent.act, openEntry);
        return;
      case 'open-text':
        void openText(intent.what, intent.handoff, intent.filter);
        return;
      case 'look':
        world.look();
        drawAll();
    }
  };
}
