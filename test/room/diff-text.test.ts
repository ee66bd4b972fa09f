/** The diff by key: files first, then all of it; big, binary and hostile (PROTOCOL section 5). */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator/coordinator.ts';
import { plainLines } from '../../src/core/plain.ts';
import { openTrees } from '../../src/git/trees.ts';
import { createTexts } from '../../src/room/texts.ts';
import { makeProject, type Project } from '../git/project.ts';
import { Story } from '../transcripts/runner.ts';

let project: Project;
beforeEach(() => {
  project = makeProject();
});
afterEach(() => project.dispose());

/** What `work` has changed. */
async function diffOf(work: () => void): Promise<string[]> {
  const trees = openTrees({ root: project.root, privateDir: project.privateDir });
  const story = new Story();
  for (const line of ['config checks=unit dial=act', 'open', 'assign instance-1 --task "work"']) story.play(line);
  const [handoff] = Object.values(story.state.coordinator.handoffs);
  if (handoff === undefined) throw new Error('no handoff');
  const base = await trees.snapshot(project.root);
  work();
  const { coordinator } = story.state;
  const instances = coordinator.config.instances.map((one) => ({ ...one, cwd: project.root }));
  const config = { ...coordinator.config, instances };
  const state = { ...story.state, coordinator: { ...coordinator, config, handoffs: { [handoff.id]: { ...handoff, base } } } };
  const text = createTexts({
    workspace: project.root,
    coordinator: { state: () => state, stateWith: async () => state } as unknown as Coordinator,
    trees,
    forecasts: { of: () => null },
    past: {} as never,
    now: () => 0,
  });
  return (await text('diff', handoff.id)).split('\n');
}

const bare = (line: string) =>
  line
    .split('\x1b')
    .map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, '')))
    .join('');

test('files with what came and went, then the whole; a name cannot paint, nor break the line', async () => {
  project.write('a.ts', 'one\n');
  project.commit();
  const lines = await diffOf(() => {
    project.write('a.ts', 'two\n');
    project.write('evil\x1b[31m\x1b]0;owned\x07.txt', 'x\n');
    project.write('two\nlines.txt', 'y\n');
    project.write('bin.dat', new Uint8Array([0, 1, 2, 255]));
  });
  const at = lines.indexOf('');
  expect(lines.slice(0, at).map(bare)).toEqual([
    '4 files  +3 −1',
    expect.stringMatching(/^ {2}modified {2}a\.ts {2}\+1 −1$/),
    expect.stringMatching(/^ {2}added {5}bin\.dat {2}no lines$/),
    expect.stringMatching(/^ {2}added {5}evil.*\.txt {2}\+1 −0$/),
    expect.stringMatching(/^ {2}added {5}two.lines\.txt {2}\+1 −0$/),
  ]);
  expect(lines.map(bare)).toContain('-one');
  expect(lines.map(bare)).toContain('+two');
  // Of all that is sent, only our own colours: nothing of a name.
  const inked = lines.join('\n').split('\x1b').slice(1);
  for (const rest of inked) expect(rest).toMatch(/^\[\d{1,2}m/);
  expect(lines.join('\n').replaceAll('\x1b', '')).toBe(plainLines(lines.join('\n').replaceAll('\x1b', '')));
});

test('a big one keeps its beginning: what is left out is said, with where all of it is', async () => {
  project.write('a.ts', 'one\n');
  project.commit();
  const big = Array.from({ length: 30_000 }, (_, index) => `${index}`).join('\n');
  const lines = (await diffOf(() => project.write('big.txt', big))).map(bare);
  expect(lines[0]).toBe('1 file  +30000 −0');
  expect(lines.length).toBeLessThan(50_000);
  expect(lines.at(-1)).toMatch(/^and \d+ more lines; all of it: coordtui diff h-[0-9a-f]+$/);
});
