import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MOVES, PHASES } from '../../src/core/handoff.ts';
import { VERDICT_ROWS } from '../../src/core/verdict.ts';
import { Story } from './runner.ts';

const folder = import.meta.dirname;
const stories = readdirSync(folder).filter((name) => name.endsWith('.txt'));
const moves = new Set<string>();
const rows = new Set<number>();

describe('transcripts: whole stories of the protocol, time as a command', () => {
  for (const name of stories) {
    test(name, () => {
      const path = join(folder, name);
      const text = readFileSync(path, 'utf8');
      const played = replay(text);
      if (process.env.REWRITE === '1') writeFileSync(path, played);
      expect(played).toBe(process.env.REWRITE === '1' ? played : text);
    });
  }

  test('PROTOCOL §2: every move of the table is taken by some transcript', () => {
    const table = new Set(PHASES.flatMap((phase) => Object.keys(MOVES[phase])));
    expect([...table].filter((move) => !moves.has(move))).toEqual([]);
  });

  test('PROTOCOL §5: every row of the verdict table decides in some transcript', () => {
    expect(VERDICT_ROWS.filter(({ row }) => !rows.has(row))).toEqual([]);
  });
});

function replay(text: string): string {
  const story = new Story();
  const out = text
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const [head = ''] = block.split('\n----\n');
      const commands = head.trimEnd().split('\n');
      const lines = commands.filter((line) => !line.startsWith('#')).flatMap((line) => story.play(line));
      return `${commands.join('\n')}\n----\n${lines.join('\n')}`.trimEnd();
    });
  for (const move of story.moves) moves.add(move);
  for (const row of story.rows) rows.add(row);
  return `${out.join('\n\n')}\n`;
}
