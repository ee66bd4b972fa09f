/** What the room answers about handoffs: the list, one of them, why it is where it is, what it changes. */
import { everyHandoff, isArchived } from '../core/archive.ts';
import type { HandoffFacts } from '../core/archived-handoff.ts';
import { explainHandoff } from '../core/explain.ts';
import { forecastLines, outlook } from '../core/forecast.ts';
import { closedAs } from '../core/handoff.ts';
import { parseHandoffId } from '../core/ids.ts';
import { plain } from '../core/plain.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { Handoff, State } from '../core/state.ts';
import { duration } from '../core/time.ts';
import type { Json, JsonObject } from '../core/tree.ts';
import { brief } from './brief.ts';
import type { Handler, Room } from './dispatch.ts';

const MAX_PATCH_BYTES = 2 * 1024 * 1024;

export const HANDOFFS: Readonly<Record<string, Handler>> = {
  handoffs: (room, { request }) => {
    const { handoffs } = room.coordinator.state().coordinator;
    const listed = everyHandoff(room.coordinator.state()).filter(({ closedAt }) => request.args.all === true || closedAt === null);
    const all = listed.map((facts) => [facts, handoffs[facts.id] ?? null] as const);
    return done(
      all.map(([facts, whole]) => handoffLine(room, facts, whole)).join('\n') || 'no handoffs',
      all.map(([facts, whole]) => ({ ...brief(facts, whole), ahead: whole === null ? null : foreseen(room, whole) })),
    );
  },
  'handoffs show': (room, { request }) =>
    onHandoff(room, request.args, (handoff) => {
      const ahead = foreseen(room, handoff);
      const shown = ahead === null ? handoff : { ...handoff, ahead };
      return done(JSON.stringify(shown, null, 2), shown as unknown as Json);
    }),
  explain: (room, { request }) =>
    onHandoff(room, request.args, (handoff, state) => {
      const { sentence, evidence: known } = explainHandoff(state, handoff.id, room.now());
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
export async function onHandoff(
  room: Room,
  args: JsonObject,
  act: (handoff: Handoff, state: State) => Reply | Promise<Reply>,
): Promise<Reply> {
  const text = typeof args.id === 'string' ? args.id : '';
  const id = parseHandoffId(text);
  if (id === null) return failure('usage', `"${plain(text, 40)}" cannot be a handoff`, 'ids look like h-3f2a; see: coordtui handoffs');
  const state = await room.coordinator.stateWith(id);
  const handoff = state.coordinator.handoffs[id];
  if (handoff !== undefined) return act(handoff, state);
  return isArchived(state.coordinator, id)
    ? failure(
        'notFound',
        `${id} is closed, and the journal that held the whole of it is gone`,
        'what is left of it: coordtui handoffs --all --json',
      )
    : failure('notFound', `there is no handoff ${id}`, 'see: coordtui handoffs --all');
}

function foreseen(room: Room, handoff: Handoff): Json {
  return room.forecasts.of(handoff) as unknown as Json;
}

/** @param whole null: it is in the archive, where nothing waits for anybody */
function handoffLine(room: Room, handoff: HandoffFacts, whole: Handoff | null): string {
  const ahead = whole === null ? null : room.forecasts.of(whole);
  const seen = ahead === null ? null : outlook(ahead);
  const mark = `${seen === null ? '' : `  ≈ ${seen.word}${seen.old ? ' (as it was)' : ''}`}${whole?.question != null ? '  ⚑ needs you' : ''}${whole?.held === true ? '  held' : ''}`;
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
