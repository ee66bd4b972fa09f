/** The operator's own editor, in his own terminal, on a copy of what he reads. Nothing comes back from it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Editing = {
  /** Resolves when the editor is gone and the copy is removed; with a sentence when it could not be opened. */
  readonly over: Promise<string>;
  stop(): void;
};

/** `name` is made fit to be a file's; the text comes from the room, made plain. The terminal is the editor's until it ends. */
export function openInEditor(name: string, text: string, env: NodeJS.ProcessEnv): Editing {
  const dir = mkdtempSync(join(tmpdir(), 'coordtui-read-'));
  const file = join(dir, `${name.replace(/[^\w-]+/gu, '-').slice(0, 80) || 'text'}.txt`);
  writeFileSync(file, text, { mode: 0o600 });
  const editor = env.VISUAL || env.EDITOR || 'vi';
  // By the shell, as others do it: the variable may hold arguments.
  const child: ChildProcess = spawn('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit', env });
  const over = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`sh cannot be run: ${error.message}`));
    child.once('exit', (code) => resolve(code === 127 ? `${editor} is not to be found ($VISUAL, $EDITOR)` : ''));
  }).finally(() => rmSync(dir, { recursive: true, force: true }));
  return { over, stop: () => child.kill() };
}
