/** A check's log on disk: the beginning and the end are kept, however much the check prints. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';

export const LOG_CAP_BYTES = 64 * 1024 * 1024;
const COPY_BYTES = 1024 * 1024;

export type LogFile = {
  /** Resolves when the bytes are with the system. Never rejects: the first failure is kept for `close`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts head, gap and tail together, makes the file durable and read-only. */
  close(): Promise<{ readonly sha256: string; readonly bytes: number; readonly error: string | null }>;
};

/**
 * Memory stays constant: the tail lives in a ring on disk, beside the log. Rejects when the file cannot be made.
 * `capBytes`: half of it for the head, half for the tail.
 */
export async function openLog(path: string, capBytes = LOG_CAP_BYTES): Promise<LogFile> {
  const headCap = Math.ceil(capBytes / 2);
  const tailCap = Math.max(1, capBytes - headCap);
  const ringPath = `${path}.tail`;
  const file = await open(path, 'wx+', 0o600);
  let ring: FileHandle | null = null;
  let total = 0;
  let tailed = 0;
  let error: string | null = null;

  async function toRing(bytes: Uint8Array): Promise<void> {
    ring ??= await open(ringPath, 'wx+', 0o600);
    // Of a chunk longer than the ring only the end can stay.
    const skipped = Math.max(0, bytes.length - tailCap);
    tailed += skipped;
    let rest = bytes.subarray(skipped);
    while (rest.length > 0) {
      const at = tailed % tailCap;
      const part = rest.subarray(0, tailCap - at);
      await writeFully(ring, part, at);
      tailed += part.length;
      rest = rest.subarray(part.length);
    }
  }

  async function appendTail(from: FileHandle): Promise<void> {
    const kept = Math.min(tailed, tailCap);
    let end = headCap;
    if (tailed > kept) {
      const gap = Buffer.from(`\n[${tailed - kept} bytes are left out here]\n`);
      await writeFully(file, gap, end);
      end += gap.length;
    }
    for (let done = 0; done < kept; ) {
      const at = (tailed - kept + done) % tailCap;
      const { buffer, bytesRead } = await from.read(Buffer.alloc(Math.min(COPY_BYTES, kept - done, tailCap - at)), 0, null, at);
      if (bytesRead === 0) throw new Error('the tail of the log is shorter than what was written to it');
      await writeFully(file, buffer.subarray(0, bytesRead), end);
      end += bytesRead;
      done += bytesRead;
    }
  }

  return {
    async write(bytes) {
      const at = total;
      total += bytes.length;
      if (error !== null) return;
      try {
        const head = bytes.subarray(0, Math.max(0, headCap - at));
        if (head.length > 0) await writeFully(file, head, at);
        if (head.length < bytes.length) await toRing(bytes.subarray(head.length));
      } catch (failure) {
        error = (failure as Error).message;
      }
    },
    async close() {
      let sha256 = '';
      try {
        if (ring !== null && error === null) await appendTail(ring);
        await file.sync();
        await file.chmod(0o400);
        sha256 = await hashOf(file);
      } catch (failure) {
        error ??= (failure as Error).message;
      } finally {
        await file.close();
        await ring?.close();
        await rm(ringPath, { force: true });
      }
      return { sha256, bytes: total, error };
    },
  };
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

/** Of the open file, not of whatever its path names by now. */
async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false, highWaterMark: COPY_BYTES })) hash.update(chunk);
  return hash.digest('hex');
}
