/** Who one is to the room of a workspace, for verbs that need nothing else of it (PROTOCOL section 1). */
import { existsSync } from 'node:fs';
import { lineReader } from '../wire/lines.ts';
import { format, MAX_LINE_BYTES, PROTOCOL, parseWelcome } from '../wire/protocol.ts';
import { workspacePaths } from '../workspace/paths.ts';
import { socketOf } from './address.ts';
import { stoppedHolder, watchForStop } from './stopped-room.ts';
import { VERSION } from './version.ts';

const PATIENCE_MS = 10_000;

/**
 * `operator`, `instance <id>`, `check` or `nobody`, as the room says, also one of another version; null: no room
 * answers, as one does not that is stopped. The network module is loaded only here: the small client pays for it when it has to ask, and not before.
 */
export async function seenAs(root: string): Promise<string | null> {
  // Whoever has no lock file holds nothing, and to compute an address would cost more than the rest.
  if (!existsSync(workspacePaths(root).lock)) return null;
  const address = socketOf(root);
  if (!existsSync(address)) return null;
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(address);
    const reader = lineReader(MAX_LINE_BYTES);
    const give = (authority: string | null) => {
      clearTimeout(timer);
      stopWatching();
      socket.destroy();
      resolve(authority);
    };
    const timer = setTimeout(() => give(null), PATIENCE_MS);
    const stopWatching = watchForStop(
      () => stoppedHolder(root),
      () => give(null),
    );
    socket.on('error', () => give(null));
    socket.on('close', () => give(null));
    socket.on('data', (chunk: Buffer) => {
      const lines = reader.push(chunk);
      if (lines === null) give(null);
      else if (lines[0] !== undefined) {
        const welcome = parseWelcome(lines[0]);
        give(welcome.ok ? welcome.value.authority : null);
      }
    });
    socket.write(format({ coordtui: PROTOCOL, version: VERSION, mode: 'lines' }));
  });
}
