/** Effects, done: one case each, one port call per case. What takes long is started here and comes home as an event. */
import { assertNever } from '../core/assert-never.ts';
import type { Effect } from '../core/effect.ts';
import type { HandoffId, InstanceId, Ms } from '../core/ids.ts';
import type { Merging } from '../core/integration.ts';
import type { Documents, EvidenceKeeper, Integrator, Panes, SuiteListener, Verifier } from '../core/ports.ts';
import type { Happening } from './coordinator.ts';

export type PerformerPorts = {
  readonly verifier: Verifier;
  readonly panes: Panes;
  readonly documents: Documents;
  /** Absent: nothing is kept beyond the journal. */
  readonly evidence?: EvidenceKeeper;
  /** Absent: nothing is ever merged. */
  readonly integrator?: Integrator;
  /** Who wants to see a round as it runs; called once per round. */
  readonly watchRound?: (handoff: HandoffId, epoch: number) => SuiteListener;
  readonly tell: (happening: Happening) => void;
};

const DEAF: SuiteListener = { started() {}, output() {}, finished() {} };

type Of<Type extends Effect['type']> = Extract<Effect, { type: Type }>;
type Running<Value> = { readonly done: Promise<Value>; cancel(): void };

const CANNOT_MERGE = { kind: 'trouble', why: 'this room merges nothing' } as const;
const NO_INTEGRATOR: Running<Merging> = { done: Promise.resolve(CANNOT_MERGE), cancel() {} };

/** `done` resolves when nothing of the run is left, whether or not it ever began. */
type Run = { readonly cancel: () => void; readonly done: Promise<void> };

export function createPerformer(ports: PerformerPorts & { readonly wake: (at: Ms) => void }) {
  /** The newest run of each handoff; those before it are waited for by it. */
  const runs = new Map<HandoffId, Run>();
  const sessions = new Map<InstanceId, Promise<void>>();
  const jobs = new Set<Promise<void>>();

  /** Starting and stopping one session never overlap: a restart is a stop and then a start. */
  const inTurn = (instance: InstanceId, job: () => Promise<void> | void) => {
    const next = (sessions.get(instance) ?? Promise.resolve()).then(job).catch((error: unknown) => {
      ports.tell({
        type: 'effect.failed',
        effect: `session of ${instance}`,
        reason: error instanceof Error ? error.message : String(error),
      });
    });
    sessions.set(instance, next);
  };

  /** One after the other: a bundle is not removed while its verdict is written. */
  let kept: Promise<void> = Promise.resolve();
  const keeping = (effect: string, job: () => Promise<void>) => {
    kept = kept.then(job).catch((error: unknown) => {
      ports.tell({ type: 'effect.failed', effect, reason: error instanceof Error ? error.message : String(error) });
    });
  };

  /** Two runs of one handoff never overlap: they would build and test in the same directory. */
  const run = <Value>(handoff: HandoffId, begin: () => Running<Value>, home: (value: Value) => void) => {
    let suite: Running<Value> | null = null;
    let cancelled = false;
    const finish = async () => {
      suite = begin();
      if (cancelled) suite.cancel();
      home(await suite.done);
    };
    const done = (runs.get(handoff)?.done ?? Promise.resolve())
      .then(finish)
      .catch((error: unknown) => ports.tell({ type: 'effect.failed', effect: `verification of ${handoff}`, reason: String(error) }))
      .finally(() => {
        if (runs.get(handoff) === mine) runs.delete(handoff);
      });
    const mine: Run = {
      done,
      cancel() {
        cancelled = true;
        suite?.cancel();
      },
    };
    runs.set(handoff, mine);
  };

  const watcher = (handoff: HandoffId, epoch: number): SuiteListener => ports.watchRound?.(handoff, epoch) ?? DEAF;

  const verify = ({ type: _run, ...request }: Of<'verification.run'>) => {
    const { handoff, epoch } = request;
    run(
      handoff,
      () => ports.verifier.run({ ...request, fresh: request.fresh ?? false }, watcher(handoff, epoch)),
      (report) => ports.tell({ type: 'verification.finished', handoff, epoch, report }),
    );
  };

  const merge = (effect: Of<'integration.run'>) => {
    const { handoff, epoch } = effect;
    run(
      handoff,
      () => ports.integrator?.run(effect, watcher(handoff, epoch)) ?? NO_INTEGRATOR,
      (found) => ports.tell({ type: 'integration.finished', handoff, epoch, found }),
    );
  };

  /** Short, and not to be cancelled: waited for at the end. */
  const beside = (what: string, job: () => Promise<void>) => {
    const mine = job()
      .catch((error: unknown) => ports.tell({ type: 'effect.failed', effect: what, reason: String(error) }))
      .finally(() => jobs.delete(mine));
    jobs.add(mine);
  };

  const move = async (effect: Of<'integration.move'>) => {
    const found = (await ports.integrator?.move(effect)) ?? CANNOT_MERGE;
    ports.tell({ type: 'integration.moved', handoff: effect.handoff, epoch: effect.epoch, found });
  };

  const look = async (of: Of<'merge.look'>) => {
    const found = await ports.documents.merge?.(of);
    if (found !== undefined) ports.tell({ type: 'merge.seen', handoff: of.handoff, way: found.way, files: found.conflicts });
  };

  const write = async ({ path, template, values, work, merge }: Of<'document.write'>): Promise<string | null> => {
    const found = work === undefined ? {} : await ports.documents.work?.(work, path);
    const merged = merge === undefined ? undefined : await ports.documents.merge?.(merge);
    if (merge !== undefined && merged !== undefined)
      ports.tell({ type: 'merge.seen', handoff: merge.handoff, way: merged.way, files: merged.conflicts });
    return ports.documents.write(path, template, { ...values, ...found, ...(merged === undefined ? {} : { MERGE: merged.MERGE }) });
  };

  const start = async (instance: InstanceId, resume: boolean, adopted: string | null) => {
    const begun = await ports.panes.start(instance, resume, adopted);
    if ('pid' in begun) ports.tell({ type: 'pane.started', instance, ...begun });
    else ports.tell({ type: 'pane.failed', instance, reason: begun.failed });
  };

  const one = (effect: Effect): void => {
    switch (effect.type) {
      case 'document.write':
        return;
      case 'verification.run':
        verify(effect);
        return;
      case 'integration.run':
        merge(effect);
        return;
      case 'integration.move':
        beside(`the branch of ${effect.handoff}`, () => move(effect));
        return;
      case 'merge.look':
        beside(`the way of ${effect.handoff}`, () => look(effect));
        return;
      case 'verification.cancel':
        runs.get(effect.handoff)?.cancel();
        return;
      case 'session.start':
        inTurn(effect.instance, () => start(effect.instance, effect.resume === true, effect.adopted ?? null));
        return;
      case 'session.stop':
        inTurn(effect.instance, () => ports.panes.stop(effect.instance));
        return;
      case 'session.interrupt':
        ports.panes.interrupt(effect.instance);
        return;
      case 'evidence.verdict':
        keeping(`verdict of ${effect.handoff}`, async () => {
          const sha256 = await ports.evidence?.sealVerdict(effect);
          if (sha256 !== undefined) ports.tell({ type: 'verdict.sealed', handoff: effect.handoff, epoch: effect.epoch, sha256 });
        });
        return;
      case 'evidence.remove':
        keeping('retention', async () => ports.evidence?.remove(effect.paths));
        return;
      case 'wake':
        ports.wake(effect.at);
        return;
      default:
        assertNever(effect);
    }
  };

  return {
    /** Before the status file names them, the documents lie where it says. */
    async documents(effects: readonly Effect[]): Promise<void> {
      for (const effect of effects) {
        if (effect.type !== 'document.write') continue;
        const trouble = await write(effect);
        if (trouble !== null) ports.tell({ type: 'effect.failed', effect: `document ${effect.path}`, reason: trouble });
      }
    },
    /** Documents that the room before may or may not have written; its reader may have worked on one since. */
    async documentsAgain(owed: readonly Effect[]): Promise<void> {
      for (const effect of owed) if (effect.type === 'document.write') await write(effect);
    },
    perform(effects: readonly Effect[]): void {
      for (const effect of effects) one(effect);
    },
    cancelAll(): void {
      for (const run of runs.values()) run.cancel();
    },
    async settled(): Promise<void> {
      await Promise.allSettled([...[...runs.values()].map((run) => run.done), ...sessions.values(), ...jobs, kept]);
    },
  };
}
