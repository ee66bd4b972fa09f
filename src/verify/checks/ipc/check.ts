/** verify-ipc-contracts (PROTOCOL section 4, check 2). */

import picomatch from 'picomatch';
import { counted } from '../../../core/counted.ts';
import type { IntegrationSettings } from '../../../workspace/integration-settings.ts';
import { openCode } from '../code.ts';
import type { CheckResult, Finding } from '../finding.ts';
import { dependenciesOf, isTestFile, type ProjectFiles } from '../project-files.ts';
import { findBridge } from './bridge.ts';
import { contractFindings } from './compare.ts';
import { findChannels } from './electron.ts';
import { errorFindings } from './errors.ts';
import { callersIn } from './expand.ts';
import type { Call, Carrier, Found, Handler } from './model.ts';
import { matches, routeOf, type Target, targetOf } from './paths.ts';
import { findProcedures } from './procedures.ts';
import { findRequests } from './requests.ts';
import { findRoutes } from './routes.ts';
import { shown } from './text.ts';

/** Asked by machines and other people's programs. */
const FOREIGN =
  /^\/?(?:api\/)?(?:v\d+\/)?(?:healthz?|health-?check|live(?:ness|z)?|ready|readiness|readyz|ping|status|metrics|version|favicon\.ico|robots\.txt|docs|openapi|swagger|sitemap|graphql|trpc|socket\.io|\.well-known|webhooks?|hooks|callback|oauth2?|auth\/(?:callback|[^/]+\/callback))(?:\/|$|\.)|webhook|\*/i;

export async function checkIpc(files: ProjectFiles, settings: IntegrationSettings['ipc']): Promise<CheckResult> {
  const code = openCode(files, (path) => !isTestFile(path));
  const found: Found = { handlers: [], calls: [], dynamicHandlers: new Map(), dynamicCalls: new Map() };
  const findings: Finding[] = [];
  const bridge = findBridge(code);
  const callers = callersIn(code, bridge.callers);
  const routers = findRoutes(code, found, findings);
  findRequests(code, callers, found);
  findChannels(code, callers, bridge.callers, found);
  findProcedures(code, found);
  findings.push(...bridge.findings);
  const narrowed = narrow(found, settings);
  if (narrowed.handlers.length === 0 && narrowed.calls.length === 0)
    return {
      ran: false,
      why: 'no route, channel or procedure and no call of one was found',
      hint: 'name the two sides in coordtui.yaml: verification.integration.ipc.frontend and .backend',
    };
  if (narrowed.handlers.length === 0 && [...found.dynamicHandlers.values()].length === 0)
    return {
      ran: false,
      why: `${counted(narrowed.calls.length, 'call')} found, and nothing that answers any`,
      hint: 'name the files that do: verification.integration.ipc.backend',
    };
  const counts = match(narrowed, found.dynamicHandlers, findings, settings.external ?? []);
  findings.push(...errorFindings(narrowed.handlers, routers.answersErrors, dependenciesOf(files), files));
  return {
    ran: true,
    findings,
    provides: narrowed.handlers.flatMap(nameOf),
    looked: {
      handlers: narrowed.handlers.length,
      calls: narrowed.calls.filter((call) => !call.isEcho).length,
      'compared shapes': counts.compared,
      'calls to elsewhere': counts.elsewhere,
      'not checked: calls whose name is only known at run time': counts.unknown + sum(found.dynamicCalls),
      'not checked: handlers whose name is only known at run time': sum(found.dynamicHandlers),
    },
  };
}

/** As an assignment asks for it; nobody can ask for what hangs at a place that is only known at run time. */
function nameOf({ carrier, method, name, isSuffix }: Handler): string[] {
  if (isSuffix || name.some((part) => typeof part !== 'string')) return [];
  return [carrier === 'http' ? `route ${method} ${shown(name)}` : `handler ${shown(name)}`];
}

function sum(map: ReadonlyMap<Carrier, number>): number {
  return [...map.values()].reduce((total, one) => total + one, 0);
}

function narrow(found: Found, { frontend, backend }: IntegrationSettings['ipc']): Sides {
  const inside = (globs: readonly string[] | undefined) => (globs === undefined ? () => true : picomatch([...globs], { dot: true }));
  const [isFront, isBack] = [inside(frontend), inside(backend)];
  return {
    handlers: found.handlers.filter(({ place }) => isBack(place.file)),
    calls: found.calls.filter(({ place }) => isFront(place.file)),
  };
}

type Sides = { readonly handlers: readonly Handler[]; readonly calls: readonly Call[] };

type Counts = { compared: number; elsewhere: number; unknown: number };

function match(found: Sides, dynamic: Found['dynamicHandlers'], findings: Finding[], external: readonly string[]): Counts {
  const counts: Counts = { compared: 0, elsewhere: 0, unknown: 0 };
  const used = new Set<string>();
  const key = (handler: Handler) => `${handler.place.file}:${handler.place.line} ${handler.method}`;
  const isExternal = external.length === 0 ? () => false : picomatch([...external], { dot: true });
  for (const call of found.calls) {
    const same = found.handlers.filter((handler) => handler.carrier === call.carrier);
    const target: Target | null = call.carrier === 'http' ? targetOf(call.name) : null;
    if (target?.kind === 'other') {
      counts.elsewhere++;
      continue;
    }
    if (target?.kind === 'unknown') {
      counts.unknown++;
      continue;
    }
    const named = target?.kind !== 'here' ? same.filter((handler) => shown(handler.name) === shown(call.name)) : best(same, target);
    const answering = named.filter(
      (handler) =>
        call.method === null ||
        handler.method === 'ALL' ||
        handler.method === call.method ||
        (call.method === 'HEAD' && handler.method === 'GET'),
    );
    for (const handler of call.method === null ? named : answering) used.add(key(handler));
    if (call.isEcho || answering.length > 0) {
      const [only] = answering;
      // Where several may answer nobody knows which.
      if (only === undefined || answering.length > 1) continue;
      counts.compared += call.wants === null && call.sends === null && call.arguments === null ? 0 : 1;
      findings.push(...contractFindings(call, only));
      continue;
    }
    if (isExternal(shown(call.name)) || (same.length === 0 && call.carrier !== 'channel' && call.carrier !== 'event')) {
      counts.elsewhere++;
      continue;
    }
    findings.push(missing(call, named, (dynamic.get(call.carrier) ?? 0) > 0));
  }
  findings.push(...unusedFindings(found, used, key, isExternal));
  return counts;
}

/** Those that agree in the most words: `/orders/new` is not `/orders/:id`. */
function best(handlers: readonly Handler[], target: Extract<Target, { kind: 'here' }>): Handler[] {
  const scored = handlers
    .map((handler) => ({ handler, score: matches(routeOf(handler.name), target, handler.isSuffix) }))
    .filter(({ score }) => score > 0);
  // By method, since `GET /a/new` says nothing about `POST /a/:id`.
  const top = new Map<string, number>();
  for (const { handler, score } of scored) top.set(handler.method, Math.max(top.get(handler.method) ?? 0, score));
  return scored.filter(({ handler, score }) => score === top.get(handler.method)).map(({ handler }) => handler);
}

const NOUNS: Readonly<Record<Carrier, string>> = { http: 'route', channel: 'channel', event: 'channel', procedure: 'procedure' };

/** @param isGuess others are handled under names that nobody can see: this may be one of them */
function missing(call: Call, named: readonly Handler[], isGuess: boolean): Finding {
  const name = `${call.carrier === 'http' && call.method !== null ? `${call.method} ` : ''}${shown(call.name)}`;
  const others = [...new Set(named.map((handler) => handler.method))];
  const known =
    others.length === 0
      ? `no ${NOUNS[call.carrier]} of that name is handled`
      : `only ${others.join(', ')} is handled there (${named[0]?.place.file}:${named[0]?.place.line})`;
  return {
    type: isGuess ? 'handler-not-seen' : 'missing-handler',
    severity: isGuess ? 'LOW' : call.carrier === 'event' ? 'HIGH' : 'CRITICAL',
    description: `${name} is called, and ${known}`,
    hint: others.length === 0 ? 'write the handler, or correct the name here' : 'handle that method, or call another one',
    expected: `a handler for ${name}`,
    ...call.place,
  };
}

/** Where nobody calls anything, whoever calls is elsewhere. */
function unusedFindings(
  found: Sides,
  used: ReadonlySet<string>,
  key: (handler: Handler) => string,
  isExternal: (name: string) => boolean,
): Finding[] {
  return found.handlers
    .filter((handler) => found.calls.some((call) => call.carrier === handler.carrier) && !used.has(key(handler)))
    .filter(
      (handler) =>
        !(
          handler.carrier === 'http' &&
          (FOREIGN.test(shown(handler.name)) || handler.method === 'OPTIONS' || isExternal(shown(handler.name)))
        ) && !isExternal(shown(handler.name)),
    )
    .map((handler) => ({
      type: 'unused-handler',
      severity: 'LOW',
      description: `${handler.carrier === 'http' ? `${handler.method} ` : ''}${shown(handler.name)} is handled, and nobody calls it`,
      hint: 'remove it, call it, or list it under verification.integration.ipc.external',
      ...handler.place,
    }));
}
