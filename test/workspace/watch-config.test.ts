import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConfigChange, watchConfig } from '../../src/workspace/watch-config.ts';
import { scratch } from '../support/rooms.ts';
import { until } from '../support/until.ts';

const TEXT = 'coordination: { autopilot: watch }\n';
const CONTEXT = { shell: '/bin/sh' };

let root: string;
let watching: ReturnType<typeof watchConfig>;
let told: ConfigChange[];
beforeEach(() => {
  root = scratch('watch');
  told = [];
  writeFileSync(file(), TEXT);
  watching = watchConfig(root, CONTEXT, TEXT, (change) => told.push(change));
});
afterEach(async () => {
  await watching.close();
  rmSync(root, { recursive: true, force: true });
});
const file = () => join(root, 'coordtui.yaml');
const dials = () => told.map(({ config }) => config?.autopilot);

test('a config that says something else is told, also one that changed before it was watched; one that is gone is the default', async () => {
  writeFileSync(file(), TEXT.replace('watch', 'act'));
  await until('the change', () => told.length > 0);
  rmSync(file());
  await until('the default', () => told.length > 1);
  writeFileSync(file(), 'nonsense: 1\n');
  await until('the problems', () => told.length > 2);
  expect(dials()).toEqual(['act', 'countdown', undefined]);
  expect(told[2]?.problems).toEqual([expect.stringContaining('nonsense')]);
});

test('what stands in it for a moment, while it is written, is not told', async () => {
  let turn = 0;
  const half = () => writeFileSync(file(), `# half ${turn++}\n`);
  half();
  // By a shorter timer of the same process: however late both are, one comes between two looks.
  const writer = setInterval(half, 20);
  await until('many of them', () => turn > 60);
  clearInterval(writer);
  expect(told).toEqual([]);
  writeFileSync(file(), TEXT.replace('watch', 'act'));
  await until('the change', () => told.length > 0);
  expect(dials()).toEqual(['act']);
});
