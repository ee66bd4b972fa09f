import { statfsSync } from 'node:fs';

/** File systems that others may have mounted too, by the number that Linux gives them (statfs(2)). */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB 2'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x0bd00bd0, 'Lustre'],
]);

/**
 * The sort of network file system that the folder lies on; null: none, or none that can be told here. A lock on one
 * may hold among the processes of this machine only, and what another machine writes is seen late or never.
 */
export function networkFolder(folder: string, typeOf: (folder: string) => number = (path) => statfsSync(path).type): string | null {
  if (process.platform !== 'linux') return null;
  return NETWORK.get(typeOf(folder) >>> 0) ?? null;
}
