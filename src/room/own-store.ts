/** The room's store: opened for this process, and who that is said to whoever comes second. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { initialState } from '../core/initial.ts';
import { isoTime } from '../core/time.ts';
import type { JsonObject } from '../core/tree.ts';
import { bootId } from '../store/lock-info.ts';
import { openStore } from '../store/open.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import type { RoomOptions } from './room.ts';

type Place = { readonly statusDir: string; readonly socket: string; readonly sessionId: string };

/** Answers as `openStore` does: the store, or why it cannot be opened. */
export function openOwnStore({ config, version, packageRoot }: RoomOptions, { statusDir, socket, sessionId }: Place) {
  return openStore({
    statusDir,
    initial: initialState(config, sessionId, Date.now()) as unknown as JsonObject,
    // Said by whoever starts the room, never from inside the workspace.
    anywhere: process.env.COORDTUI_NETWORK_STORE === 'allow',
    witness: join(packageRoot, 'dist', 'witness.js'),
    lockInfo: { pid: process.pid, host: hostname(), bootId: bootId(), since: isoTime(Date.now()), socket, version, protocol: PROTOCOL },
  });
}
