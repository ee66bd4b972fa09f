/** What the room answers about handoffs: the list, one of them, why it is where it is, what it changes. */
import { explainHandoff } from '../core/explain.ts';
import { forecastLines, outlook } from '../core/forecast.ts';
import { closedAs } from '../core/handoff.ts';
import { parseHandoffId } from '../core/ids.ts';
import { plain } from '../core/plain.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { Handoff } from '../core/state.ts';
import { duration } from '../core/time.ts';
import type { Json, JsonObject } from '../core/tree.ts';
import { brief } from './brief.ts';
import type { Handler, Room } from './dispatch.ts';

const MAX_PATCH_BYTES = 2 * 1024 * 1024;

export const HANDOFFS: Readonly<Record<string, Handler>> = {
  handoffs: (room, { request }) => {
    const all = Object.values(room.coordinator.state().coordinator.handoffs).filter(
      (handoff) => request.args.all === true || handoff.closedAt === null,
    );
    return done(
      all.map((handoff) => handoffLine(room, handoff)).join('\n') || 'no handoffs',
      all.map((handoff) => ({ ...brief(handoff), ahead: foreseen(room, handoff) })),
    );
  },
  'handoffs show': (room, { request }) =>
    onHandoff(room, request.args, (handoff) => {
      const ahead = foreseen(room, handoff);
      const shown = ahead === null ? handoff : { ...handoff, ahead };
      return done(JSON.stringify(shown, null, 2), shown as unknown as Json);
    }),
  explain: (room, { request }) =>
    onHandoff(room, request.args, (handoff) => {
      const { sentence, evidence: known } = explainHandoff(room.coordinator.state(), handoff.id, room.now());
      const ahead = room.forecasts.of(handoff);
      const evidence = [...(ahead === null ? [] : forecastLines(ahead, room.now())), ...known];
      return done([sentence, ...evidence.map((line) => `  ${line}`)].join('\n'), {
        handoff: handoff.id,
        phase: handoff.phase,
        epoch: handoff.epoch,
        sentence,
        evidence,
        ahead: ahead as unknown as Json,
      });
    }),
  diff: (room, { request }) => onHandoff(room, request.args, (handoff) => showDiff(room, handoff, request.args.stat === true)),
};

/** Of the id in the arguments, or a refusal. */
export async function onHandoff(room: Room, args: JsonObject, act: (handoff: Handoff) => Reply | Promise<Reply>): Promise<Reply> {
  const text = typeof args.id === 'string' ? args.id : '';
  const id = parseHandoffId(text);
  if (id === null) return failure('usage', `"${plain(text, 40)}" cannot be a handoff`, 'ids look like h-3f2a; see: coordtui handoffs');
  const handoff = room.coordinator.state().coordinator.handoffs[id];
  if (handoff === undefined) return failure('notFound', `there is no handoff ${id}`, 'see: coordtui handoffs --all');
  return act(handoff);
}

function foreseen(room: Room, handoff: Handoff): Json {
  return room.forecasts.of(handoff) as unknown as Json;
}

function handoffLine(room: Room, handoff: Handoff): string {
  const ahead = room.forecasts.of(handoff);
  const seen = ahead === null ? null : outlook(ahead);
  const mark = `${seen === null ? '' : `  ≈ ${seen.word}${seen.old ? ' (as it was)' : ''}`}${handoff.question !== null ? '  ⚑ needs you' : ''}${handoff.held ? '  held' : ''}`;
  const phase = closedAs(handoff) ?? handoff.phase;
  return `${handoff.id}  ${handoff.from} → ${handoff.to}  ${phase}  ${handoff.priority}  ${duration(room.now() - handoff.phaseSince)}  ${plain(handoff.task, 60)}${mark}`;
}

async function showDiff(room: Room, handoff: Handoff, statOnly: boolean): Promise<Reply> {
  const judged = handoff.rounds.at(-1)?.judged ?? null;
  const config = room.coordinator.state().coordinator.config.instances.find((instance) => instance.id === handoff.from);
  // While the work goes on, the tree as it is now; from the first round on, what was judged.
  const now = judged ?? (await room.trees.snapshot(config?.cwd ?? '.'));
  const changed = await room.trees.changes(handoff.base, now);
  const stat = changed.map((file) => `${file.status}\t+${file.added} -${file.removed}\t${plain(file.path, 300)}`).join('\n');
  if (statOnly) return done(stat || 'nothing has changed', changed as unknown as Json);
  const patch = await room.trees.patch(handoff.base, now, { maxBytes: MAX_PATCH_BYTES });
  return done(patch || 'nothing has changed', { changed: changed as unknown as Json, patch });
}
