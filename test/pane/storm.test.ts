/** Sizes without end while programs print without end: the screen has the pane's size, the program knows it, nothing is left. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PaneSet } from '../../src/pane/pane-set.ts';
import { blit } from '../../src/screen/blit.ts';
import { createGrid } from '../../src/screen/grid.ts';
import { createWriter } from '../../src/screen/writer.ts';
import { foreign } from '../screen/strict.ts';
import { brokenCells, random } from '../screen/support.ts';
import { until } from '../support/until.ts';
import { BACKEND, carriers, FRONTEND, instance, makePlace, type Place, paneSet, started } from './support.ts';

/** `STORM_SIZES=10000` for the long form. */
const SIZES = Number(process.env.STORM_SIZES ?? 300);
const FLOOD =
  'trap "" WINCH; i=0; while [ ! -e stop ]; do i=$((i+1)); printf "%d 漢字 \\033[3%dmflood\\033[0m\\033[%d;%dH\\n" $i $((i%8)) $((i%60)) $((i%200)); done; printf "\\033[2J\\033[H"; stty size; echo still; read line';

let place: Place;
let set: PaneSet;
beforeEach(() => {
  place = makePlace();
  set = paneSet(place, [instance(['/bin/sh', '-c', FLOOD]), instance(['/bin/sh', '-c', FLOOD], { id: FRONTEND })]);
});
afterEach(async () => {
  await set.close();
  place.remove();
});

test(
  `${SIZES} random sizes under two floods`,
  async () => {
    const next = random(7);
    for (const id of [BACKEND, FRONTEND]) started(set.start(id));
    await until('both to print', () => [BACKEND, FRONTEND].every((id) => set.text(id, 9).length > 0));
    const { token } = set;
    for (let turn = 0; turn < SIZES; turn++) {
      const id = next(2) === 0 ? BACKEND : FRONTEND;
      const [cols, rows] = [2 + next(300), 1 + next(100)];
      set.resize(id, cols, rows);
      await new Promise((done) => setImmediate(done));
      const pane = set.get(id);
      expect([pane?.terminal.cols, pane?.terminal.rows]).toEqual([cols, rows]);
      if (pane === null || turn % 10 !== 0) continue;
      const grid = createGrid(1 + next(200), 1 + next(60));
      const { cursor } = blit(grid, pane.terminal, { x: 0, y: 0, width: grid.cols, height: grid.rows });
      let painted = '';
      const write = (frame: string) => {
        painted += frame;
        return true;
      };
      createWriter({ write }, '256').paint(grid, cursor);
      expect(foreign(painted, grid)).toEqual([]);
      expect(brokenCells(grid)).toEqual([]);
    }
    for (const id of [BACKEND, FRONTEND]) set.resize(id, 91, 31);
    writeFileSync(path.join(place.root, 'stop'), '');
    // As the kernel has it.
    for (const id of [BACKEND, FRONTEND]) await until('the size', () => /^31 91 *\nstill/m.test(set.text(id, 40).join('\n')));
    await set.close();
    expect(carriers('COORDTUI_ROOM', token)).toEqual([]);
  },
  60_000 + SIZES * 100,
);
