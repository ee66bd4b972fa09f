/** Keeps the logs of the day and the integration status beside the state: a projection, like the status file, but for people. */
import type { Coordinator } from '../coordinator/coordinator.ts';
import { debugDocument } from '../core/debug-document.ts';
import type { InstanceId } from '../core/ids.ts';
import { integrationStatus } from '../core/integration-status.ts';
import { DAY_MS } from '../core/kpi.ts';
import { instanceLog, type KeptDocument } from '../core/logbook.ts';
import type { State } from '../core/state.ts';
import { keepDocument } from '../mailbox/blocks.ts';

/** Several changes in a row are written once. */
const SETTLE_MS = 500;

export type LogbookOptions = {
  readonly root: string;
  readonly coordinator: Coordinator;
  readonly now: () => number;
  /** One sentence for each document that could not be kept, once until it can be again. */
  readonly log: (sentence: string) => void;
};

export function keepLogbook({ root, coordinator, now, log }: LogbookOptions): { close(): Promise<void> } {
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  /** What each document said when it was last written: most changes concern few of them. */
  const written = new Map<string, string>();
  const troubles = new Map<string, string>();

  const write = async (document: KeptDocument) => {
    const content = JSON.stringify(document);
    if (written.get(document.path) === content) return;
    const trouble = await keepDocument(root, document);
    if (trouble === null) {
      written.set(document.path, content);
      troubles.delete(document.path);
    } else if (troubles.get(document.path) !== trouble) {
      troubles.set(document.path, trouble);
      log(`a log could not be kept: ${trouble}`);
    }
  };

  const flush = () => {
    timer = null;
    const documents = documentsOf(coordinator.state(), now());
    writing = writing.then(async () => {
      for (const document of documents) await write(document);
    });
  };

  const unobserve = coordinator.observe({
    changed(before, after) {
      if (before.coordinator === after.coordinator) return;
      timer ??= setTimeout(flush, SETTLE_MS);
    },
  });
  return {
    async close() {
      unobserve();
      if (timer !== null) {
        clearTimeout(timer);
        flush();
      }
      await writing;
    },
  };
}

function documentsOf(state: State, at: number): KeptDocument[] {
  const instances = Object.keys(state.coordinator.instances) as InstanceId[];
  const opened = Object.values(state.coordinator.debugging ?? {}).filter((session) => session.state !== 'proposed');
  const debugging = opened.filter(({ closedAt }) => closedAt === null || at - closedAt < DAY_MS);
  return [
    ...instances.map((id) => instanceLog(state, id, at)),
    integrationStatus(state),
    ...debugging.map((session) => debugDocument(state, session)),
  ].filter((document) => document !== null);
}
