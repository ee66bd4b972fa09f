import fs from 'node:fs';
import { it } from 'vitest';
import { onKey } from '../../src/view/intent.ts';
import { screenText } from './draw.ts';
import { quiet, SIZES, uiFor, verifying, waiting } from './fixture.ts';

it('prints', () => {
  const out: string[] = [];
  for (const size of [SIZES.small, SIZES.sketch, SIZES.wide]) {
    for (const [name, make] of [
      ['waiting', waiting],
      ['verifying', verifying],
      ['quiet', quiet],
    ] as const) {
      const model = make();
      out.push(`## ${name} ${size.cols}x${size.rows}`, screenText(model, uiFor(model, size)));
    }
    const model = waiting();
    for (const key of ['v', 'D', ':', '?', 'z', 'space', 'n', 'P', 'x', '2']) {
      const { ui } = onKey(model, uiFor(model, size), key, 1.8e12);
      if (size !== SIZES.wide) out.push(`## key ${key} ${size.cols}`, screenText(model, ui));
    }
  }
  fs.writeFileSync('/tmp/screens.txt', out.join('\n'));
});
