/** Checks run because the operator asked: a full round of a handoff, a trial of some, a sealed round once more. */
import { StringDecoder } from 'node:string_decoder';
import type { Coordinator } from '../coordinator/coordinator.ts';
import { namedChecks } from '../core/arguments.ts';
import { explainVerdict } from '../core/explain.ts';
import { type HandoffId, parseHandoffId } from '../core/ids.ts';
import { plain, plainLines } from '../core/plain.ts';
import type { SuiteRequest, Verifier } from '../core/ports.ts';
import { done, failure, type Reply } from '../core/reply.ts';
import type { CheckReport } from '../core/report.ts';
import type { Handoff } from '../core/state.ts';
import type { Json } from '../core/tree.ts';
import { toolVersions } from '../verify/evidence.ts';
import { SHIPPED_NAMES, shippedSpec } from '../workspace/shipped-spec.ts';
import { runAgain } from './again.ts';
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

type Trial = Omit<SuiteRequest, 'handoff' | 'epoch'>;

/** A trial belongs to no handoff; its evidence lies below this name. */
const NO_HANDOFF = 'h-00000000' as HandoffId;

export function createTrials({ workspace, coordinator, rounds, verifier }: TrialsOptions): Trials {
  /** A client that goes away cancels its trial: nobody is left who wants to know. */
  const run = async (request: Trial, served: Served) => {
    const [listener, own] = [rounds.listener(null), showTo(served)];
    // Straight to the one who asked: another trial may run beside this one.
    const suite = verifier.run(
      { handoff: NO_HANDOFF, epoch: 0, fresh: true, ...request },
      {
        started(check, pid) {
          listener.started(check, pid);
          own({ type: 'started', handoff: null, check });
        },
        output(check, bytes) {
          listener.output(check, bytes);
          own({ type: 'output', handoff: null, check, bytes });
        },
        finished(report) {
          listener.finished(report);
          own({ type: 'finished', handoff: null, report });
        },
      },
    );
    const cancel = () => suite.cancel();
    served.gone.addEventListener('abort', cancel);
    if (served.gone.aborted) cancel();
    try {
      return await suite.done;
    } finally {
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
      const words = namesIn(served.request.args.check);
      if (words === null) return failure('usage', 'verify: checks are named by their ids', 'see: coordtui verify --help');
      const known = new Map(config.verification.checks.map((check) => [check.id as string, check]));
      const names = namedChecks(words, [...known.keys()]);
      // Those that ship need no config.
      const unknown = names.filter((name) => !known.has(name) && shippedSpec(name) === null);
      if (unknown.length > 0)
        return failure(
          'notFound',
          `verify: there is no check ${unknown.map((name) => plain(name, 60)).join(', ')}`,
          `configured: ${[...known.keys()].join(', ') || 'none'}; shipped: ${SHIPPED_NAMES.join(', ')}`,
        );
      const checks = names.length === 0 ? config.verification.checks : names.flatMap((name) => known.get(name) ?? shippedSpec(name) ?? []);
      const [first] = config.instances;
      if (checks.length === 0 || first === undefined)
        return failure(
          'no',
          'verify: no check is configured, so nothing was verified',
          'write checks into coordtui.yaml, below verification',
        );
      // A trial asks whether a check passes, not whether it is due: `when` and `needs` are about handoffs.
      const request = { checks: checks.map((check) => ({ ...check, when: [], needs: [] })), instance: first.id, base: null };
      const report = await run(request, served);
      return replyFor(report.checks, report.trouble);
    },
    again: (handoff, served) => runAgain({ workspace, handoff, tools: toolVersions, run: (request) => run(request, served) }),
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

function forward(rounds: Rounds, handoff: HandoffId, served: Served): () => void {
  const show = showTo(served);
  return rounds.subscribe((event) => {
    if (event.handoff === handoff) show(event);
  });
}

/** Foreign text becomes plain text before it leaves the room. */
function showTo(served: Served): (event: RoundEvent) => void {
  const decoders = new Map<string, StringDecoder>();
  return (event) => {
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
}
