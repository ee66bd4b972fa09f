/**
 * `coordtui status set | incr | get`: the verbs that agents call at every step. They talk to files, not to the room,
 * so they work without one, and this program holds nothing that they do not need.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOwned } from '../core/ownership.ts';
import { type ErrorCode, EXIT } from '../core/reply.ts';
import { applyOps, getAt, isObject, type Json, type JsonObject } from '../core/tree.ts';
import { type Drop, drop, parseDrop } from '../store/inbox-drop.ts';
import { findWorkspace } from '../workspace/find.ts';
import { type WorkspacePaths, workspacePaths } from '../workspace/paths.ts';
import { seenAs } from './seen-as.ts';

type Asked = { words: string[]; workspace?: string; instance?: string; ifRevision?: string; json: boolean };
type Failed = { code: ErrorCode; message: string; hint: string };

/** @returns the exit code; 0 from `set` and `incr` means that the change is on the disk and will be applied exactly once */
export async function main(argv: readonly string[]): Promise<number> {
  const asked = readArguments(argv);
  if ('code' in asked) return tell(asked, argv.includes('--json'));
  const found = findWorkspace({ option: asked.workspace, cwd: process.cwd(), env: process.env });
  if (!found.ok) return tell({ code: 'notFound', message: found.message, hint: 'say which workspace with --workspace DIR' }, asked.json);
  const paths = workspacePaths(found.root);
  const [, verb, ...rest] = asked.words;
  if (verb === 'get') return get(paths, rest, asked);
  const speaker = await speakerOf(found.root, asked.instance);
  if (typeof speaker !== 'string') return tell(speaker, asked.json);
  return change(paths, verb === 'incr' ? 'incr' : 'set', rest, speaker, asked);
}

function get(paths: WorkspacePaths, [path, ...more]: string[], asked: Asked): number {
  if (more.length > 0) return tell(usage('status get takes one path'), asked.json);
  const keys = path === undefined ? [] : keysOf(path);
  if (keys === null) return tell(usage(`"${path}" is no path`), asked.json);
  const read = readDocument(paths);
  if ('code' in read) return tell(read, asked.json);
  const value = getAt(pending(paths, read.document), keys);
  if (value === undefined)
    return tell(
      { code: 'notFound', message: `status get: there is nothing at ${path}`, hint: 'see the whole document: coordtui status get' },
      asked.json,
    );
  process.stdout.write(`${typeof value === 'string' && !asked.json ? value : JSON.stringify(value, null, asked.json ? undefined : 2)}\n`);
  return EXIT.done;
}

/**
 * A session is always itself, and finds its name in its environment: that costs nothing. Whoever has no name there is
 * the operator, or has put it off: the room tells them apart, if one runs.
 */
async function speakerOf(root: string, asked: string | undefined): Promise<string | Failed> {
  const named = process.env.COORDTUI_INSTANCE;
  const self = named === undefined || named === '' ? ((await seenAs(root)) ?? 'operator') : `instance ${named}`;
  if (self === 'operator') return asked ?? 'operator';
  const instance = self.startsWith('instance ') ? self.slice('instance '.length) : null;
  if (instance !== null && (asked === undefined || asked === instance)) return instance;
  return {
    code: 'notPermitted',
    message: instance === null ? `status set: not permitted for ${self}` : `status set: ${instance} cannot speak for ${asked}`,
    hint: instance === null ? 'run it in the session of the instance' : 'leave --instance out: a session is always itself',
  };
}

function change(paths: WorkspacePaths, op: 'set' | 'incr', words: string[], speaker: string, asked: Asked): number {
  const [path, text, ...more] = words;
  const keys = path === undefined ? null : keysOf(path);
  if (keys === null || keys.length === 0 || more.length > 0 || (op === 'set' && text === undefined)) {
    return tell(
      usage(op === 'set' ? 'status set needs a path and a value' : 'status incr needs a path and, at most, a number'),
      asked.json,
    );
  }
  const value = op === 'set' ? jsonOrText(text ?? '') : Number(text ?? 1);
  if (op === 'incr' && !Number.isFinite(value)) return tell(usage(`"${text}" is no number`), asked.json);
  const revision = asked.ifRevision === undefined ? null : Number(asked.ifRevision);
  if (revision !== null && (!Number.isSafeInteger(revision) || revision < 0))
    return tell(usage('--if-revision needs a whole number'), asked.json);
  const refused = refusal(keys, speaker);
  if (refused !== null) return tell(refused, asked.json);
  const change: Drop = { op, path: keys, value, by: speaker, ifRevision: revision };
  const dropped = drop(paths.statusDir, change);
  if (!dropped.ok)
    return tell(
      { code: 'cannotWrite', message: `status ${op}: ${dropped.message}`, hint: `look at the disk and the rights of ${paths.privateDir}` },
      asked.json,
    );
  if (asked.json) process.stdout.write(`${JSON.stringify({ id: dropped.id })}\n`);
  return EXIT.done;
}

/** An instance reports for itself only; what the coordinator owns is nobody's to set (PROTOCOL section 1). */
function refusal(keys: readonly string[], speaker: string): Failed | null {
  if (isOwned(keys)) {
    return {
      code: 'refused',
      message: `status set: ${keys.join('.')} belongs to the coordinator`,
      hint: 'report in your own part: coordtui status set instances.YOU.currentTask "…"; say that you are done: coordtui ready',
    };
  }
  if (keys[0] === 'instances' && keys.length < 3)
    return { code: 'refused', message: `status set: ${keys.join('.')} is a whole part, not a field`, hint: 'set its fields one by one' };
  if (speaker !== 'operator' && keys[0] === 'instances' && keys[1] !== speaker) {
    return {
      code: 'notPermitted',
      message: `status set: ${speaker} cannot report for ${keys[1]}`,
      hint: `report for yourself: instances.${speaker}.…`,
    };
  }
  return null;
}

function readDocument(paths: WorkspacePaths): { document: JsonObject } | Failed {
  try {
    const document: unknown = JSON.parse(readFileSync(paths.statusFile, 'utf8'));
    if (isObject(document as Json)) return { document: document as JsonObject };
    return {
      code: 'notFound',
      message: `status get: ${paths.statusFile} holds no object`,
      hint: 'a running room restores it at once: coordtui serve',
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { document: {} };
    const why = error instanceof Error ? error.message : String(error);
    return {
      code: 'notFound',
      message: `status get: ${paths.statusFile} cannot be read: ${why}`,
      hint: 'a running room restores it at once: coordtui serve',
    };
  }
}

/** What was acknowledged and not yet taken up by a room is shown as if it were: one reads one's own writes. */
function pending(paths: WorkspacePaths, document: JsonObject): JsonObject {
  let names: string[];
  try {
    names = readdirSync(join(paths.inboxDir, 'new')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return document;
    throw error;
  }
  return names.reduce((now, name) => {
    const change = readDrop(join(paths.inboxDir, 'new', name));
    if (change === null || change.ifRevision !== null || isOwned(change.path)) return now;
    const before = getAt(now, change.path);
    const value = change.op === 'set' ? change.value : (typeof before === 'number' ? before : 0) + Number(change.value);
    return applyOps(now, [[change.path, value]]);
  }, document);
}

function readDrop(file: string): Drop | null {
  try {
    const parsed = parseDrop(readFileSync(file, 'utf8'));
    return 'drop' in parsed ? parsed.drop : null;
  } catch (error) {
    // Taken up between the listing and the reading.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** `instances.x.currentTask`, or `["instances","x","a.b"]` for keys that hold a dot. */
function keysOf(path: string): string[] | null {
  if (!path.startsWith('[')) return path.split('.').some((key) => key === '') ? null : path.split('.');
  const parsed = jsonOrText(path);
  return Array.isArray(parsed) && parsed.every((key): key is string => typeof key === 'string' && key !== '') ? parsed : null;
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

const VALUED: Readonly<Record<string, 'workspace' | 'instance' | 'ifRevision'>> = {
  '--workspace': 'workspace',
  '--instance': 'instance',
  '--if-revision': 'ifRevision',
};

function readArguments(argv: readonly string[]): Asked | Failed {
  const asked: Asked = { words: [], json: false };
  let literal = false;
  for (let index = 0; index < argv.length; index++) {
    const arg = argv[index] ?? '';
    const at = arg.indexOf('=');
    const name = at < 0 ? arg : arg.slice(0, at);
    const option = VALUED[name];
    // A value may begin with a dash (a negative number, a list in Markdown): after the path nothing unknown is an option.
    if (literal || !arg.startsWith('--') || (option === undefined && arg !== '--json' && arg !== '--' && asked.words.length >= 3))
      asked.words.push(arg);
    else if (arg === '--') literal = true;
    else if (arg === '--json') asked.json = true;
    else if (option !== undefined) {
      const value = at < 0 ? argv[++index] : arg.slice(at + 1);
      if (value === undefined) return usage(`${name} needs a value`);
      asked[option] = value;
    } else return usage(`there is no option ${name}`);
  }
  return asked;
}

function usage(message: string): Failed {
  return { code: 'usage', message: `coordtui: ${message}`, hint: 'see: coordtui status set --help' };
}

function tell(failed: Failed, json: boolean): number {
  process.stderr.write(json ? `${JSON.stringify({ error: failed })}\n` : `${failed.message}; ${failed.hint}\n`);
  return EXIT[failed.code];
}
