/** Handlers whose failing nobody hears of. */
import type { Finding } from '../finding.ts';
import type { ProjectFiles } from '../project-files.ts';
import type { Handler } from './model.ts';
import { shown } from './text.ts';

/** What the others do is what a project means to do: from this share on, one that does not stands out. */
const HABIT_SHARE = 0.6;
const HABIT_COUNT = 3;

export function errorFindings(
  handlers: readonly Handler[],
  answersErrors: ReadonlySet<string>,
  packages: ReadonlySet<string>,
  files: ProjectFiles,
): Finding[] {
  const findings: Finding[] = [];
  const groups = new Map<string, Handler[]>();
  for (const handler of handlers)
    groups.set(`${handler.framework} ${handler.method === 'send'}`, [
      ...(groups.get(`${handler.framework} ${handler.method === 'send'}`) ?? []),
      handler,
    ]);
  for (const group of groups.values()) {
    const risky = group.filter((handler) => handler.errorPath !== 'not-needed');
    const bare = risky.filter((handler) => handler.errorPath === 'none');
    const own = risky.length - bare.length;
    const isHabit = own >= HABIT_COUNT && own >= risky.length * HABIT_SHARE;
    for (const handler of bare) {
      const isLost = losesErrors(handler, packages, files);
      if (!isLost && (!isHabit || (handler.framework !== 'express' && answersErrors.has(handler.framework)))) continue;
      findings.push({
        type: 'handler-without-error-path',
        severity: isLost ? 'HIGH' : 'MEDIUM',
        description: `${handler.framework === 'electron' ? '' : `${handler.method} `}${shown(handler.name)} awaits what may fail, and ${isLost ? 'nobody hears of it: the request hangs or the process ends' : `does not answer for it, as ${own === 1 ? 'the other one does' : `the ${own} others do`}`}`,
        hint: 'catch it and answer, or pass it on to what answers errors',
        ...handler.place,
      });
    }
  }
  return findings;
}

/** Express before 5 forgets what its async handlers reject with, and nobody waits for a listener. */
function losesErrors(handler: Handler, packages: ReadonlySet<string>, files: ProjectFiles): boolean {
  if (handler.framework === 'electron') return handler.method === 'send';
  if (
    handler.framework !== 'express' ||
    !packages.has('express') ||
    packages.has('express-async-errors') ||
    packages.has('express-promise-router')
  )
    return false;
  return files.paths
    .filter((path) => /(^|\/)package\.json$/.test(path))
    .some((path) => /"express"\s*:\s*"[\^~>=v ]*[34]\b/.test(files.read(path) ?? ''));
}
