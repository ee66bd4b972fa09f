import { open } from 'node:fs/promises';

/** Makes what was created, renamed or removed in the folder outlive a power cut: a file's own sync does not keep its name. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
