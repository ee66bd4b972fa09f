/** A check's log on disk: the beginning and the end are kept, however much the check prints, and nothing that came any other way. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';

export const LOG_CAP_BYTES = 64 * 1024 * 1024;
const COPY_BYTES = 1024 * 1024;

export type LogFile = {
  /** Resolves when the bytes are with the system. Never rejects: the first failure is kept for `close`. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Puts head, gap and tail together, makes the file durable and read-only. `trouble`: why it is no evidence, as
   * the end of a sentence about it: it could not be written, or holds anything but what was written.
   */
  close(): Promise<{ readonly sha256: string; readonly bytes: number; readonly trouble: string | null }>;
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
  // What we wrote, so that what somebody else writes into the file of that name is not sealed as if the check had printed it.
  const ours = createHash('sha256');
  let ring: FileHandle | null = null;
  let total = 0;
  let tailed = 0;
  let trouble: string | null = null;
  const failed = (failure: unknown): void => {
    trouble ??= `could not be written: ${(failure as Error).message}`;
  };

  async function keep(bytes: Uint8Array, position: number): Promise<void> {
    ours.update(bytes);
    await writeFully(file, bytes, position);
  }

  async function toRing(bytes: Uint8Array): Promise<void> {
    ring ??= await openNameless(ringPath);
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
      await keep(gap, end);
      end += gap.length;
    }
    for (let done = 0; done < kept; ) {
      const at = (tailed - kept + done) % tailCap;
      const { buffer, bytesRead } = await from.read(Buffer.alloc(Math.min(COPY_BYTES, kept - done, tailCap - at)), 0, null, at);
      if (bytesRead === 0) throw new Error('the tail of the log is shorter than what was written to it');
      await keep(buffer.subarray(0, bytesRead), end);
      end += bytesRead;
      done += bytesRead;
    }
  }

  return {
    async write(bytes) {
      const at = total;
      total += bytes.length;
      if (trouble !== null) return;
      try {
        const head = bytes.subarray(0, Math.max(0, headCap - at));
        if (head.length > 0) await keep(head, at);
        if (head.length < bytes.length) await toRing(bytes.subarray(head.length));
      } catch (failure) {
        failed(failure);
      }
    },
    async close() {
      let sha256 = '';
      try {
        if (ring !== null && trouble === null) await appendTail(ring);
        await file.sync();
        await file.chmod(0o400);
        sha256 = await hashOf(file);
        if (sha256 !== ours.digest('hex')) trouble ??= 'was touched while it was made: it is not what the check printed';
      } catch (failure) {
        failed(failure);
      } finally {
        await file.close();
        await ring?.close();
      }
      return { sha256, bytes: total, trouble };
    },
  };
}

/** Gone with its handle, and nobody else opens it by its name. */
async function openNameless(path: string): Promise<FileHandle> {
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
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
