import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, ensurePrivateDir, privateDirOf } from './inbox-drop.ts';

/** Every path that the store uses. All lie on one file system, which exchange and link need. */
export type Layout = {
  readonly statusDir: string;
  readonly statusFile: string;
  readonly privateDir: string;
  readonly lock: string;
  readonly storeFile: string;
  readonly journal: string;
  readonly inboxTmp: string;
  readonly inboxNew: string;
  /** Versions that the `mv` shim kept before its real rename. */
  readonly links: string;
  /** Our own files on their way to the status file, and foreign ones that came back in exchange. */
  readonly swap: string;
  readonly quarantine: string;
};

const STATUS_FILE = 'multi-instance-status.json';

export function layoutOf(statusDir: string): Layout {
  const privateDir = privateDirOf(statusDir);
  return {
    statusDir,
    statusFile: join(statusDir, STATUS_FILE),
    privateDir,
    lock: join(privateDir, 'lock'),
    storeFile: join(privateDir, 'store.json'),
    journal: join(privateDir, 'journal'),
    inboxTmp: join(privateDir, 'inbox', 'tmp'),
    inboxNew: join(privateDir, 'inbox', 'new'),
    links: join(privateDir, 'links'),
    swap: join(privateDir, 'swap'),
    quarantine: join(privateDir, 'quarantine'),
  };
}

/** Makes what is missing. Throws the system's error. */
export function ensureLayout(layout: Layout): void {
  ensurePrivateDir(layout.statusDir);
  chmodSync(layout.privateDir, 0o700);
  const folders = [
    layout.journal,
    join(layout.privateDir, 'inbox'),
    layout.inboxTmp,
    layout.inboxNew,
    layout.links,
    layout.swap,
    layout.quarantine,
  ];
  for (const folder of folders) ensureDir(folder);
}
