/**
 * Every path of a workspace, once. Only node's own modules: the smallest client imports this too.
 * Layout and address: DESIGN sections 2 and 6, INTERFACE "Files in a workspace".
 */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

export const CONFIG_FILE = 'coordtui.yaml';

export type WorkspacePaths = {
  readonly root: string;
  readonly config: string;
  readonly statusDir: string;
  readonly statusFile: string;
  /** 0700, ignored by git through its own `.gitignore`. */
  readonly privateDir: string;
  /** Held by the room for life; its content is the room's address. */
  readonly lock: string;
  readonly journalDir: string;
  readonly inboxDir: string;
  readonly evidenceDir: string;
  /** Which sessions run, for the room that comes after a killed one. */
  readonly sessionsFile: string;
  /** How the operator has arranged his screen. */
  readonly screenFile: string;
  readonly roomLog: string;
  /** When an operator last looked. */
  readonly seenFile: string;
  /** Overrides of the shipped templates. */
  readonly templatesDir: string;
};

/** @param root the workspace's real path, as `findWorkspace` gives it */
export function workspacePaths(root: string): WorkspacePaths {
  const statusDir = join(root, 'status');
  const privateDir = join(statusDir, '.coordtui');
  return {
    root,
    config: join(root, CONFIG_FILE),
    statusDir,
    statusFile: join(statusDir, 'multi-instance-status.json'),
    privateDir,
    lock: join(privateDir, 'lock'),
    journalDir: join(privateDir, 'journal'),
    inboxDir: join(privateDir, 'inbox'),
    evidenceDir: join(privateDir, 'evidence'),
    sessionsFile: join(privateDir, 'sessions.json'),
    screenFile: join(privateDir, 'screen.json'),
    roomLog: join(privateDir, 'room.log'),
    seenFile: join(privateDir, 'seen'),
    templatesDir: join(root, '.coordtui', 'templates'),
  };
}

/** What screens showed lies outside the agents' tree, in the user's own state directory; nothing of it is looked at by agents' tools. */
export function recordingsDir(root: string, env: NodeJS.ProcessEnv = process.env): string {
  const state = env.XDG_STATE_HOME?.startsWith('/') === true ? env.XDG_STATE_HOME : join(homedir(), '.local', 'state');
  return join(state, 'coordtui', 'recordings', shortHash(root));
}

/** `sun_path` holds 104 bytes on macOS, its closing zero included. */
const SOCKET_PATH_BYTES = 103;

export type SocketAddress =
  | { readonly ok: true; readonly dir: string; readonly path: string }
  | { readonly ok: false; readonly message: string };

/**
 * Where the room of this workspace listens. Node 20 and 22 cut a longer path without a word, and two workspaces would
 * meet in one room: so it is refused here. A client under another TMPDIR finds the same room by the lock file.
 */
export function socketAddress(root: string, tmp: string = tmpdir(), uid: number = userId()): SocketAddress {
  const dir = join(tmp, `coordtui-${uid}`);
  const path = join(dir, `${shortHash(root)}.sock`);
  const bytes = Buffer.byteLength(path);
  if (bytes <= SOCKET_PATH_BYTES) return { ok: true, dir, path };
  return {
    ok: false,
    message: `the room's socket path ${path} has ${bytes} bytes and ${SOCKET_PATH_BYTES} fit: set TMPDIR to a shorter directory`,
  };
}

/** node's cryptography is loaded where it is needed: it would be a sixth of the smallest client's time. */
function shortHash(root: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(root).digest('hex').slice(0, 16);
}

/** Makes the directory of sockets, 0700, or says in one sentence why it cannot be trusted. null: it can. */
export function prepareSocketDir(dir: string, uid: number = userId()): string | null {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const found = lstatSync(dir);
    if (!found.isDirectory())
      return `${dir} is not a directory (a link is not accepted): remove it, or set TMPDIR to a directory of your own`;
    if (found.uid !== uid) return `${dir} belongs to user ${found.uid}, not to you (${uid}): set TMPDIR to a directory of your own`;
    // Our own, but open to others, as a lax umask or an older version would leave it.
    if ((found.mode & 0o077) !== 0) chmodSync(dir, 0o700);
    return null;
  } catch (error) {
    return `${dir} cannot be used for the room's socket: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function userId(): number {
  // Absent only on Windows, which package.json does not admit.
  return process.getuid?.() ?? 0;
}
