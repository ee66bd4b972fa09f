import type { Socket } from 'node:net';
import { bind } from './libc.ts';

export type Peer = { readonly pid: number; readonly uid: number; readonly gid: number };

const LINUX = { SOL_SOCKET: 1, SO_PEERCRED: 17 };
const DARWIN = { SOL_LOCAL: 0, LOCAL_PEERPID: 2 };

/**
 * Who sits at the other end of a connected Unix socket, as the kernel saw it when the connection was made
 * (PROTOCOL section 1). null when this system cannot say, or when `fd` is no such socket: the caller
 * must then treat the peer as nobody.
 */
export function peerOf(fd: number, platform: NodeJS.Platform = process.platform): Peer | null {
  if (!Number.isInteger(fd) || fd < 0) return null;
  if (platform === 'linux') return linuxPeer(fd);
  if (platform === 'darwin') return darwinPeer(fd);
  return null;
}

/** Node has no public way to a socket's descriptor; where this private one is missing nobody gets any rights. */
export function descriptorOf(socket: Socket): number | null {
  const handle: unknown = (socket as unknown as { _handle?: unknown })._handle;
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return null;
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : null;
}

/** The process at the other end, as the kernel saw it when the connection was made; 0 when it cannot be told. */
export function peerPid(socket: Socket): number {
  const fd = descriptorOf(socket);
  return (fd === null ? null : peerOf(fd))?.pid ?? 0;
}

function linuxPeer(fd: number): Peer | null {
  const ucred = socketOption(fd, LINUX.SOL_SOCKET, LINUX.SO_PEERCRED, 12);
  if (ucred === null) return null;
  const pid = ucred.readInt32LE(0);
  // A peer in another pid namespace shows as 0; an fd that is no Unix socket as uid -1.
  return pid > 0 ? { pid, uid: ucred.readUInt32LE(4), gid: ucred.readUInt32LE(8) } : null;
}

function darwinPeer(fd: number): Peer | null {
  const pid = socketOption(fd, DARWIN.SOL_LOCAL, DARWIN.LOCAL_PEERPID, 4);
  const getpeereid = bind('int getpeereid(int fd, void *uid, void *gid)');
  if (pid === null || 'unavailable' in getpeereid) return null;
  const uid = Buffer.alloc(4);
  const gid = Buffer.alloc(4);
  if (getpeereid.call(fd, uid, gid).value !== 0) return null;
  return { pid: pid.readInt32LE(0), uid: uid.readUInt32LE(0), gid: gid.readUInt32LE(0) };
}

function socketOption(fd: number, level: number, name: number, bytes: number): Buffer | null {
  const getsockopt = bind('int getsockopt(int fd, int level, int name, void *value, void *length)');
  if ('unavailable' in getsockopt) return null;
  const value = Buffer.alloc(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes);
  const { value: status } = getsockopt.call(fd, level, name, value, length);
  return status === 0 && length.readUInt32LE() === bytes ? value : null;
}
