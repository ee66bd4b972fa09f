/** verify-cache-pipeline (PROTOCOL section 4, check 3): write, then read through each layer until all agree. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { IntegrationSettings } from '../../../workspace/integration-settings.ts';
import type { CheckResult, Figure, Finding } from '../finding.ts';
import { type Answer, ask, type Layer, nameOf } from './layers.ts';

type Probe = IntegrationSettings['cache']['probes'][number];
type Place = { readonly file: string; readonly line: number };

const POLL_MS = 20;
/** Beyond its limit a layer is watched as long again: late is another fault than never. */
const PATIENCE = 2;
const MAX_PATIENCE_MS = 60_000;
const LONGEST_ANSWER_MS = 10_000;
/** Layers that have agreed must go on agreeing. */
const STEADY_READS = 3;

export async function checkCache(
  root: string,
  settings: IntegrationSettings['cache'],
  placeOf: (probe: string) => Place,
): Promise<CheckResult> {
  if (settings.probes.length === 0)
    return {
      ran: false,
      why: 'no probe is configured, so there is no cache to look at',
      hint: 'describe one in coordtui.yaml: verification.integration.cache.probes, with name, write and read',
    };
  const findings: Finding[] = [];
  const figures: Figure[] = [];
  const unreached: string[] = [];
  for (const probe of settings.probes) {
    const found = await runProbe(probe, root, placeOf(probe.name));
    findings.push(...found.findings);
    figures.push(...found.figures);
    if (found.unreached !== null) unreached.push(`${probe.name}: ${found.unreached}`);
  }
  const [first] = unreached;
  // What does not run cannot be verified, and is not broken for that.
  if (first !== undefined && findings.length === 0)
    return {
      ran: false,
      why: `a layer could not be reached: ${unreached.join('; ')}`,
      hint: 'start the services that the probes speak to',
    };
  return {
    ran: true,
    reuse: false,
    findings,
    figures,
    looked: {
      probes: settings.probes.length,
      layers: settings.probes.reduce((sum, probe) => sum + probe.read.length, 0),
      'not checked: probes that reached nobody': unreached.length,
    },
  };
}

type Ran = { readonly findings: Finding[]; readonly figures: Figure[]; readonly unreached: string | null };

/** Twice: the first value fills the layers, the second one must drive it out of them. */
async function runProbe(probe: Probe, root: string, place: Place): Promise<Ran> {
  const found: { findings: Finding[]; figures: Figure[]; unreached: string | null } = { findings: [], figures: [], unreached: null };
  try {
    const first = randomUUID();
    const written = await write(probe, first, root, place, found);
    if (!written) return found;
    const filled = await Promise.all(probe.read.map((layer) => until(layer, probe, first, root)));
    const second = randomUUID();
    if (!(await write(probe, second, root, place, found))) return found;
    const seen = await Promise.all(probe.read.map((layer) => until(layer, probe, second, root)));
    probe.read.forEach((layer, index) => {
      const name = nameOf(layer, index);
      const result = seen[index];
      if (result === undefined) return;
      if (result.answer !== null && !result.answer.ok && !result.answer.reached) found.unreached = `${name}: ${result.answer.why}`;
      else found.findings.push(...layerFindings(probe, name, result, filled[index]?.afterMs ?? null, first, place));
      if (result.afterMs !== null)
        found.figures.push({
          name: `cache ${probe.name}: ${name}`,
          value: Math.round(result.afterMs),
          unit: 'ms',
          better: 'lower',
          target: probe.limitMs,
        });
    });
    if (found.findings.length === 0 && found.unreached === null) found.findings.push(...(await steady(probe, second, root, place)));
    return found;
  } finally {
    if (probe.cleanup !== undefined) await ask(probe.cleanup, '', true, root, LONGEST_ANSWER_MS);
  }
}

async function write(
  probe: Probe,
  value: string,
  root: string,
  place: Place,
  found: { findings: Finding[]; unreached: string | null },
): Promise<boolean> {
  const answer = await ask(probe.write, value, true, root, LONGEST_ANSWER_MS);
  if (answer.ok) return true;
  if (!answer.reached) found.unreached = answer.why;
  else
    found.findings.push({
      type: 'cache-write-failed',
      severity: 'HIGH',
      description: `${probe.name}: the write was refused: ${answer.why}`,
      hint: 'look at what answers the write, or correct the probe',
      ...place,
    });
  return false;
}

type Seen = { readonly afterMs: number | null /** The last answer. */; readonly answer: Answer | null };

async function until(layer: Layer, probe: Probe, value: string, root: string): Promise<Seen> {
  const began = performance.now();
  const patience = Math.max(probe.limitMs, Math.min(probe.limitMs * PATIENCE, MAX_PATIENCE_MS));
  let answer: Answer | null = null;
  let wasThere = false;
  for (;;) {
    const left = patience - (performance.now() - began);
    if (left <= 0) return { afterMs: null, answer };
    const next = await ask(layer, value, false, root, Math.ceil(Math.max(POLL_MS, Math.min(left, LONGEST_ANSWER_MS))));
    // An answer that the end of our own patience has cut off says nothing; the one before it does.
    if (!next.ok && next.reached && answer?.ok && performance.now() - began > patience - POLL_MS) return { afterMs: null, answer };
    answer = next;
    if (shows(answer, probe, value)) return { afterMs: performance.now() - began, answer };
    wasThere ||= answer.ok || answer.reached;
    if (!answer.ok && !answer.reached) return { afterMs: null, answer: { ...answer, reached: wasThere } };
    await pause(POLL_MS);
  }
}

function shows(answer: Answer, probe: Probe, value: string): boolean {
  return answer.ok && answer.text.includes(probe.expect.replaceAll('{value}', value));
}

function layerFindings(probe: Probe, name: string, seen: Seen, filledAfterMs: number | null, before: string, place: Place): Finding[] {
  const { afterMs, answer } = seen;
  if (afterMs !== null && afterMs <= probe.limitMs) return [];
  if (afterMs !== null)
    return [
      {
        type: 'cache-propagation-slow',
        severity: 'HIGH',
        description: `${probe.name}: ${name} showed the new value after ${Math.round(afterMs)} ms`,
        hint: 'shorten its lifetime, or invalidate it on the write',
        threshold: `${probe.limitMs} ms`,
        actual: `${Math.round(afterMs)} ms`,
        ...place,
      },
    ];
  if (answer !== null && !answer.ok)
    return [
      {
        type: 'cache-layer-failed',
        severity: 'HIGH',
        description: `${probe.name}: ${name} could not be read: ${answer.why}`,
        hint: 'look at what answers there',
        ...place,
      },
    ];
  const isOld = answer?.ok === true && answer.text.includes(probe.expect.replaceAll('{value}', before));
  return [
    {
      type: isOld ? 'cache-not-invalidated' : 'cache-inconsistent',
      severity: isOld ? 'CRITICAL' : 'HIGH',
      description: `${probe.name}: ${name} ${isOld ? 'still shows the old value' : filledAfterMs === null ? 'never showed any value that was written' : 'shows neither the new value nor the old one'}`,
      hint: isOld ? 'invalidate this layer on the write' : 'see that the write reaches this layer, and that the probe reads where it does',
      threshold: `${probe.limitMs} ms`,
      ...place,
    },
  ];
}

/** All layers at once, several times: one that falls back would be seen by somebody. */
async function steady(probe: Probe, value: string, root: string, place: Place): Promise<Finding[]> {
  for (let round = 0; round < STEADY_READS; round++) {
    const answers = await Promise.all(probe.read.map((layer) => ask(layer, value, false, root, LONGEST_ANSWER_MS)));
    const back = answers.findIndex((answer) => !shows(answer, probe, value));
    const layer = probe.read[back];
    if (layer !== undefined)
      return [
        {
          type: 'cache-inconsistent',
          severity: 'HIGH',
          description: `${probe.name}: ${nameOf(layer, back)} had shown the new value, and then did not`,
          hint: 'several copies of this layer answer in turn, and not all were invalidated',
          ...place,
        },
      ];
    await pause(POLL_MS);
  }
  return [];
}
