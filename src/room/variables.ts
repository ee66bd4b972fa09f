/** What the room adds to, and takes from, the environment of what it starts (INTERFACE). */
import { join } from 'node:path';
import type { InstanceId } from '../core/ids.ts';

export type RoomAddress = {
  readonly root: string;
  readonly packageRoot: string;
  readonly statusFile: string;
  readonly socket: string;
  readonly shims: string;
};

export function sessionVariables(
  { root, packageRoot, statusFile, socket, shims }: RoomAddress,
  instance: InstanceId,
  path: string,
): Record<string, string> {
  return {
    PATH: `${shims}:${path}`,
    COORDTUI_WORKSPACE: root,
    COORDTUI_INSTANCE: instance,
    COORDTUI_SOCKET: socket,
    COORDTUI_STATUS_FILE: statusFile,
    COORDTUI_BIN: join(packageRoot, 'bin', 'coordtui.js'),
  };
}

/** Checks see the operator's environment, without what would make them think that they are a session. */
export function checkVariables(token: string): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('COORDTUI_') && !name.startsWith('npm_'));
  return { ...Object.fromEntries(inherited), COORDTUI_ROOM: token };
}
