/** One layer that a value passes: written to and read from as its users do it. */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { execa } from 'execa';
import type { IntegrationSettings } from '../../../workspace/integration-settings.ts';
import { askRedis } from './redis.ts';

export type Layer = IntegrationSettings['cache']['probes'][number]['write'];

/** `reached: false`: nobody is there, so nothing can be said about what it holds. */
export type Answer = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reached: boolean; readonly why: string };

const MAX_TEXT = 4 * 1024 * 1024;

export function nameOf(layer: Layer, index: number): string {
  if (layer.name !== undefined) return layer.name;
  if ('http' in layer) return `http ${new URL(layer.http).pathname}`;
  if ('redis' in layer) return `redis ${layer.command[1] ?? ''}`.trim();
  return 'file' in layer ? `file ${layer.file}` : `command ${index + 1}`;
}

export async function ask(layer: Layer, value: string, isWrite: boolean, root: string, timeoutMs: number): Promise<Answer> {
  const filled = (text: string) => text.replaceAll('{value}', value);
  try {
    if ('http' in layer) return await overHttp(layer, filled, isWrite, timeoutMs);
    if ('redis' in layer) return await askRedis(layer.redis, layer.command.map(filled), timeoutMs);
    if ('file' in layer) return inFile(layer, filled, isWrite, root);
    return await byCommand(layer.command, filled, value, root, timeoutMs);
  } catch (error) {
    return { ok: false, reached: 'file' in layer || (error instanceof Error && error.name === 'TimeoutError'), why: reasonOf(error) };
  }
}

async function overHttp(
  layer: Extract<Layer, { http: string }>,
  filled: (text: string) => string,
  isWrite: boolean,
  timeoutMs: number,
): Promise<Answer> {
  const method = layer.method ?? (isWrite ? (layer.body === undefined ? 'PUT' : 'POST') : 'GET');
  const headers = { ...(layer.body === undefined ? {} : { 'content-type': 'application/json' }), ...layer.headers };
  const response = await fetch(layer.http.replaceAll(/\{value\}|%7Bvalue%7D/gi, encodeURIComponent(filled('{value}'))), {
    method,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, filled(text)])),
    ...(layer.body === undefined ? {} : { body: filled(layer.body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = (await response.text()).slice(0, MAX_TEXT);
  return response.ok ? { ok: true, text } : { ok: false, reached: true, why: `${method} ${layer.http} answered ${response.status}` };
}

function inFile(layer: Extract<Layer, { file: string }>, filled: (text: string) => string, isWrite: boolean, root: string): Answer {
  const folder = realpathSync(dirname(join(root, layer.file)));
  if (folder !== root && !folder.startsWith(root + sep)) return { ok: false, reached: true, why: `${layer.file} leads out of the project` };
  const path = join(root, layer.file);
  if (isWrite) {
    writeFileSync(path, filled(layer.content ?? '{value}'));
    return { ok: true, text: '' };
  }
  return { ok: true, text: readFileSync(path, 'utf8').slice(0, MAX_TEXT) };
}

async function byCommand(
  command: string,
  filled: (text: string) => string,
  value: string,
  root: string,
  timeoutMs: number,
): Promise<Answer> {
  const ran = await execa('/bin/sh', ['-c', filled(command)], {
    cwd: root,
    timeout: timeoutMs,
    reject: false,
    stdin: 'ignore',
    maxBuffer: MAX_TEXT,
    env: { COORDTUI_VALUE: value },
  });
  if (ran.timedOut) return { ok: false, reached: true, why: `took longer than ${timeoutMs} ms` };
  if (ran.exitCode === 126 || ran.exitCode === 127)
    return { ok: false, reached: false, why: `exit ${ran.exitCode}: ${ran.stderr.slice(0, 200)}` };
  return ran.exitCode === 0
    ? { ok: true, text: ran.stdout }
    : { ok: false, reached: true, why: `exit ${ran.exitCode ?? 'by a signal'}: ${ran.stderr.slice(0, 200)}` };
}

/** fetch hides what happened one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || String(Reflect.get(cause, 'code') ?? error.message);
}
