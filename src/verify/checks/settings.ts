/** What a project tells the checks: a section of its config, or a file beside the copies. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type IntegrationSettings, integrationSettings } from '../../workspace/integration-settings.ts';
import { CONFIG_FILE } from '../../workspace/paths.ts';

/** `source`: where they stand, for what is said about them. */
export type Source = { readonly path: string; readonly text: string };

export type SettingsReading =
  | {
      readonly ok: true;
      readonly settings: IntegrationSettings;
      readonly source: Source | null /** Instance → what it may touch. */;
      readonly territories: ReadonlyMap<string, readonly string[]>;
    }
  | { readonly ok: false; readonly why: string };

/** For projects that use the checks without the rest. */
const OWN_FILE = 'scripts/integration/verify.json';

/** @param named a file given on the command line, instead of the two that are looked for */
export function readSettings(root: string, named: string | undefined): SettingsReading {
  const tried = named === undefined ? [OWN_FILE, CONFIG_FILE] : [named];
  for (const path of tried) {
    const text = textOf(join(root, path));
    if (text === null && named === undefined) continue;
    if (text === null) return { ok: false, why: `${path} cannot be read` };
    const section = sectionOf(text);
    if ('broken' in section) return { ok: false, why: `${path}: ${section.broken}` };
    const parsed = integrationSettings.safeParse(section.value ?? {});
    if (parsed.success) return { ok: true, settings: parsed.data, source: { path, text }, territories: territoriesIn(text) };
    const [issue] = parsed.error.issues;
    return { ok: false, why: `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}` };
  }
  return { ok: true, settings: integrationSettings.parse({}), source: null, territories: new Map() };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Absent, or not ours to read: the caller says so where somebody named it.
    return null;
  }
}

/** The section alone is read: what else is wrong with the config is said where it matters. */
function sectionOf(text: string): { readonly value: unknown } | { readonly broken: string } {
  try {
    const whole: unknown = parse(text, { logLevel: 'silent' });
    if (typeof whole !== 'object' || whole === null) return { value: {} };
    const isOwn = ['database', 'ipc', 'cache', 'filesystem', 'ignore'].some((key) => key in whole);
    if (isOwn) return { value: whole };
    const verification: unknown = Reflect.get(whole, 'verification');
    return { value: typeof verification === 'object' && verification !== null ? Reflect.get(verification, 'integration') : {} };
  } catch (error) {
    return { broken: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

function territoriesIn(text: string): Map<string, readonly string[]> {
  const whole: unknown = parse(text, { logLevel: 'silent' });
  const instances: unknown = typeof whole === 'object' && whole !== null ? Reflect.get(whole, 'instances') : [];
  const found = new Map<string, readonly string[]>();
  for (const one of Array.isArray(instances) ? instances : []) {
    const [id, globs]: unknown[] = typeof one === 'object' && one !== null ? [Reflect.get(one, 'id'), Reflect.get(one, 'files')] : [];
    if (typeof id === 'string' && Array.isArray(globs))
      found.set(
        id,
        globs.filter((glob) => typeof glob === 'string'),
      );
  }
  return found;
}
