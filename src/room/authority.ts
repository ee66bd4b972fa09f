/**
 * Who is at the other end of a connection (PROTOCOL section 1), computed once, from what the kernel says and never
 * from what the peer says: credentials, ancestry (the room adopts orphans, so nothing below it gets out),
 * controlling terminal, environment. Any single sign of a session is enough to be no operator.
 */
import type { Socket } from 'node:net';
import { userInfo } from 'node:os';
import type { Actor } from '../core/event.ts';
import type { InstanceId } from '../core/ids.ts';
import { descriptorOf, peerOf } from '../native/peer.ts';
import { ancestorsOf, environmentOf, type ProcessInfo, processInfo } from '../native/process.ts';
import { FAR_SESSION, type Places } from '../pane/places.ts';

export type Surroundings = {
  /** Root processes of the sessions, by pid, and their terminals, by the kernel's number. */
  readonly sessions: () => ReadonlyMap<number, InstanceId>;
  readonly terminals: () => ReadonlyMap<number, InstanceId>;
  readonly checks: () => ReadonlySet<number>;
  /** Sessions that are not below the room, because they outlive it or were never its own. */
  readonly far: Pick<Places, 'ownerOf' | 'adopts'>;
  /** The workspace. */
  readonly root: string;
  /** What every process below this room carries as COORDTUI_ROOM. */
  readonly token: string;
  /** Set outside the workspace by whoever started the room: decisions need no terminal. */
  readonly headless: boolean;
};

const NOBODY: Actor = { kind: 'nobody' };

export function actorOf(socket: Socket, around: Surroundings): Actor {
  const fd = descriptorOf(socket);
  const peer = fd === null ? null : peerOf(fd);
  if (peer === null || peer.uid !== userInfo().uid) return NOBODY;
  return actorOfProcess(peer.pid, around);
}

/** Also for tests: the same judgement over a process id. A process that is gone already was never seen: nobody. */
export function actorOfProcess(pid: number, around: Surroundings): Actor {
  const line = lineOf(pid);
  const [self] = line ?? [];
  if (line === null || self === undefined) return NOBODY;
  const owner = around.far.ownerOf(line);
  if (owner !== null) return owner === 'nobody' ? NOBODY : { kind: 'instance', instance: owner };
  const room = line.findIndex((one) => one.pid === process.pid);
  if (room >= 0) return belowRoom(line.slice(0, room), around);
  const byTerminal = around.terminals().get(self.ttyNr);
  if (byTerminal !== undefined) return { kind: 'instance', instance: byTerminal };
  if (line.some((one) => isMarked(one, around))) return NOBODY;
  const terminal = self.ttyNr !== 0;
  // What forks twice out of an adopted session looks like any process of the user that has no terminal.
  if (!terminal && !around.headless && around.far.adopts()) return NOBODY;
  return { kind: 'operator', terminal: terminal || around.headless, name: userInfo().username };
}

/** Itself, or a parent, was started in a session: of this room, or in a tmux of ours that this room does not know (any more). */
function isMarked({ pid }: ProcessInfo, { token, root }: Surroundings): boolean {
  const environment = environmentOf(pid);
  if (environment === null) return false;
  if (environment.get('COORDTUI_ROOM') === token) return true;
  return environment.has(FAR_SESSION) && environment.get('COORDTUI_WORKSPACE') === root;
}

/** More looks than a chain of processes can have dying parents by accident. */
const MAX_LOOKS = 50;

/**
 * The process and all its ancestors. A parent that dies between two looks leaves a line that ends nowhere, and the
 * room, which adopts the orphan at that very moment, is not in it: then the whole line is looked at again. null: it
 * is gone, or no whole line is to be had.
 */
function lineOf(pid: number): ProcessInfo[] | null {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const self = processInfo(pid);
    if (self === null) return null;
    const line = [self, ...ancestorsOf(pid)];
    const last = line.at(-1) ?? self;
    if (last.pid === process.pid || last.ppid === 0 || isHidden(last.ppid)) return line;
  }
  return null;
}

/** It lives, and the system shows it to its own user only (as with hidepid): no ancestor of ours lies behind it. */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function belowRoom(line: readonly ProcessInfo[], around: Surroundings): Actor {
  const sessions = around.sessions();
  const checks = around.checks();
  const terminals = around.terminals();
  for (const { pid } of line) {
    const instance = sessions.get(pid);
    if (instance !== undefined) return { kind: 'instance', instance };
    if (checks.has(pid)) return { kind: 'check' };
  }
  // An orphan that the room adopted: its terminal still tells whose it was. Its environment would too, but
  // that is the peer's own word, and another instance's name in it would be believed.
  for (const { ttyNr } of line) {
    const instance = terminals.get(ttyNr);
    if (instance !== undefined) return { kind: 'instance', instance };
  }
  return NOBODY;
}

export function describe(actor: Actor): string {
  return actor.kind === 'instance' ? `instance ${actor.instance}` : actor.kind;
}
