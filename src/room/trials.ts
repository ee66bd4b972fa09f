/** Checks run because the operator asked: a full round of a handoff, a trial of some, a sealed round once more. */
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { explainVerdict } from '../core/explain.ts';
import { type HandoffId, type InstanceId, parseHandoffId } from '../core/ids.ts';
import { plain, plainLines } from '../core/plain.ts';
import type { Verifier } from '../core/ports.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { CheckReport, CheckSpec, TreeRef } from '../core/report.ts';
import type { Handoff } from '../core/state.ts';
import type { Json } from '../core/tree.ts';
import { verifyBundle } from '../verify/evidence.ts';
import type { Served } from './conversation.ts';
import type { RoundEvent, Rounds } from './rounds.ts';

export type Trials = {
  full(served: Served): Promise<Reply>;
  some(served: Served): Promise<Reply>;
  again(handoff: Handoff, served: Served): Promise<Reply>;
};

export type TrialsOptions = {
  readonly workspace: string;
  readonly coordinator: Coordinator;
  readonly rounds: Rounds;
  /** Keeps its evidence apart from what the journal lists. */
  readonly verifier: Verifier;
};

/** A trial belongs to no handoff; its evidence lies below this name. */
const NO_HANDOFF = 'h-00000000' as HandoffId;

export function createTrials({ workspace, coordinator, rounds, verifier }: TrialsOptions): Trials {
  /** A client that goes away cancels its trial: nobody is left who wants to know. */
  const run = async (checks: readonly CheckSpec[], instance: InstanceId, base: TreeRef | null, served: Served) => {
    const suite = verifier.run({ handoff: NO_HANDOFF, epoch: 0, instance, base, checks }, rounds.listener(null));
    const cancel = () => suite.cancel();
    served.gone.addEventListener('abort', cancel);
    if (served.gone.aborted) cancel();
    const stop = forward(rounds, null, served);
    try {
      return await suite.done;
    } finally {
      stop();
      served.gone.removeEventListener('abort', cancel);
    }
  };

  return {
    async full(served) {
      const asked = served.request.args.handoff;
      const text = typeof asked === 'string' ? asked : '';
      const id = parseHandoffId(text);
      if (id === null) return failure('usage', `verify: "${plain(text, 40)}" cannot be a handoff`, 'see: coordtui handoffs');
      const stop = forward(rounds, id, served);
      try {
        const begun = await coordinator.command(served.actor, { verb: 'verify', handoff: id });
        if (!begun.ok) return begun;
        const epoch = coordinator.state().coordinator.handoffs[id]?.epoch ?? 0;
        return await outcomeOf(coordinator, id, epoch, served.gone);
      } finally {
        stop();
      }
    },
    async some(served) {
      const { config } = coordinator.state().coordinator;
      const names = namesIn(served.request.args.check);
      if (names === null) return failure('usage', 'verify: checks are named by their ids', 'see: coordtui verify --help');
      const known = new Map(config.verification.checks.map((check) => [check.id as string, check]));
      const unknown = names.filter((name) => !known.has(name));
      if (unknown.length > 0)
        return failure(
          'notFound',
          `verify: there is no check ${unknown.map((name) => plain(name, 60)).join(', ')}`,
          `configured: ${[...known.keys()].join(', ') || 'none'}`,
        );
      const checks = names.length === 0 ? config.verification.checks : names.flatMap((name) => known.get(name) ?? []);
      const [first] = config.instances;
      if (checks.length === 0 || first === undefined)
        return failure(
          'no',
          'verify: no check is configured, so nothing was verified',
          'write checks into coordtui.yaml, below verification',
        );
      // A trial asks whether a check passes, not whether it is due: `when` and `needs` are about handoffs.
      const report = await run(
        checks.map((check) => ({ ...check, when: [], needs: [] })),
        first.id,
        null,
        served,
      );
      return replyFor(report.checks, report.trouble);
    },
    async again(handoff, served) {
      const sealed = handoff.rounds.findLast((round) => round.evidence !== null);
      if (sealed?.evidence == null)
        return failure('refused', `verify --again: ${handoff.id} has no sealed evidence yet`, `see: coordtui explain ${handoff.id}`);
      const damaged = await verifyBundle(join(workspace, sealed.evidence.path), sealed.evidence.sha256);
      if (damaged.length > 0)
        return failure(
          'no',
          `the evidence of ${handoff.id}, epoch ${sealed.epoch}, is no longer what was sealed: ${damaged.join('; ')}`,
          `look into ${sealed.evidence.path}`,
        );
      const was = new Map(sealed.checks.map((check) => [check.check, check.outcome]));
      const checks = coordinator.state().coordinator.config.verification.checks.filter((check) => was.has(check.id));
      const report = await run(checks, handoff.from, handoff.base, served);
      const differ = report.checks
        .filter((check) => was.get(check.check) !== check.outcome)
        .map((check) => `${check.check}: ${was.get(check.check)} then, ${check.outcome} now`);
      if (report.judged?.tree !== sealed.judged?.tree) differ.unshift('the tree is no longer the one that was judged');
      if (differ.length > 0)
        return failure(
          'no',
          `the evidence of ${handoff.id}, epoch ${sealed.epoch}, does not agree: ${differ.join('; ')}`,
          `look into ${sealed.evidence.path}`,
        );
      return done(`the evidence of ${handoff.id}, epoch ${sealed.epoch}, agrees: ${report.checks.length} checks, the same outcomes`, {
        agrees: true,
      });
    },
  };
}

/** Each once; null when it is no list of names. */
function namesIn(asked: Json | undefined): string[] | null {
  const list: readonly unknown[] = asked === undefined || asked === null ? [] : Array.isArray(asked) ? asked : [asked];
  const names = list.filter((name) => typeof name === 'string');
  return names.length === list.length ? [...new Set(names)] : null;
}

/** The round's end as the coordinator saw it: judged or cancelled. A void one was begun anew, and that one is waited for. */
function outcomeOf(coordinator: Coordinator, id: HandoffId, epoch: number, gone: AbortSignal): Promise<Reply> {
  return new Promise((resolve) => {
    const look = () => {
      const handoff = coordinator.state().coordinator.handoffs[id];
      const since = handoff?.rounds.filter((one) => one.epoch >= epoch) ?? [];
      const round = since.find((one) => one.end !== 'void') ?? since.at(-1);
      if (round !== undefined && round.end === null) return;
      stop();
      gone.removeEventListener('abort', leave);
      if (round?.verdict == null)
        resolve(
          failure(
            'no',
            `the run of ${id}, epoch ${round?.epoch ?? epoch}, ended without a verdict (${round?.end ?? 'gone'})`,
            `see: coordtui explain ${id}`,
          ),
        );
      else {
        const text = explainVerdict(round.verdict).join('\n');
        const data = {
          handoff: id,
          epoch: round.epoch,
          verdict: round.verdict as unknown as Json,
          checks: round.checks as unknown as Json,
        };
        resolve(round.verdict.kind === 'approve' ? done(text, data) : failure('no', text, `see: coordtui explain ${id}`));
      }
    };
    const stop = coordinator.observe({ changed: look });
    const leave = () => {
      stop();
      resolve(failure('no', `verify: nobody waits for the end of ${id}, epoch ${epoch}, any more`, `see: coordtui explain ${id}`));
    };
    gone.addEventListener('abort', leave);
    if (gone.aborted) leave();
    else look();
  });
}

function replyFor(checks: readonly CheckReport[], trouble: string | null): Reply {
  const lines = checks.map((check) => `${check.outcome}  ${check.check}  ${check.reason}`).join('\n');
  const good = trouble === null && checks.every((check) => check.outcome === 'passed');
  if (good) return done(lines, checks as unknown as Json);
  return failure('no', trouble ?? lines, 'this was a trial: it enters no verdict');
}

/** Foreign text becomes plain text before it leaves the room. */
function forward(rounds: Rounds, handoff: HandoffId | null, served: Served): () => void {
  const decoders = new Map<string, StringDecoder>();
  const onEvent = (event: RoundEvent) => {
    if (event.handoff !== handoff) return;
    if (event.type === 'started') served.part({ check: event.check, started: true });
    else if (event.type === 'finished') {
      const { check, outcome, reason, durationMs } = event.report;
      served.part({ check, outcome, reason, durationMs });
    } else {
      const decoder = decoders.get(event.check) ?? new StringDecoder('utf8');
      decoders.set(event.check, decoder);
      served.part({ check: event.check, text: plainLines(decoder.write(Buffer.from(event.bytes))) });
    }
  };
  return rounds.subscribe(onEvent);
}
