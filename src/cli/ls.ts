/** `coordtui ls`: the rooms of this user. */
import { socketsOfUser } from '../client/address.ts';
import { connect } from '../client/connect.ts';
import { counted } from '../core/counted.ts';
import { plain } from '../core/plain.ts';
import { done, type Reply } from '../core/reply.ts';
import { isObject } from '../core/tree.ts';
import { peerPid } from '../native/peer.ts';
import { isStopped } from '../store/stopped.ts';
import type { Context } from './context.ts';

export async function ls(context: Context): Promise<Reply> {
  const rooms = await Promise.all(socketsOfUser().map((socket) => askRoom(socket, context.warn)));
  const alive = rooms.filter((room) => room !== null);
  const lines = alive.map((room) => {
    if (typeof room.speaks === 'number')
      return `${plain(String(room.workspace), 200)}  runs coordtui ${plain(String(room.version), 40)}, which this one cannot talk to; to end it: coordtui stop --workspace ${plain(String(room.workspace), 200)}`;
    const instances = Array.isArray(room.instances) ? room.instances.filter(isObject) : [];
    const waiting = Array.isArray(room.needsYou) ? room.needsYou.map(String) : [];
    const running = instances.filter((one) => one.session === 'running').length;
    return `${plain(String(room.workspace), 200)}  ${running} of ${counted(instances.length, 'session')} run${waiting.length === 0 ? '' : `  ⚑ needs you: ${waiting.join(', ')}`}`;
  });
  return done(lines.join('\n') || 'no rooms', alive);
}

/** A room that has died is not listed; one of another protocol says at least where it is; one that is stopped cannot say even that. */
async function askRoom(address: string, warn: (line: string) => void) {
  const reached = await connect(address, (socket) => {
    const pid = peerPid(socket);
    return isStopped(pid) ? pid : null;
  });
  if (!reached.ok && reached.reason === 'protocol') {
    const { workspace, version, pid: of, coordtui } = reached.welcome;
    return { workspace, version, pid: of, speaks: coordtui };
  }
  if (!reached.ok) {
    if (reached.reason === 'stopped') warn(`ls: ${reached.message}; ${reached.hint}`);
    return null;
  }
  const reply = await reached.connection.request('ls', {});
  reached.connection.close();
  return reply.ok && isObject(reply.data) ? reply.data : null;
}
