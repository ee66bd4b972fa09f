/** Text that agents and repositories wrote: it is shown as text, in its place, and nothing else. */
import { describe, expect, it } from 'vitest';
import { widthOf } from '../../src/core/width.ts';
import { onKey } from '../../src/view/intent.ts';
import { KEYMAP } from '../../src/view/keymap.ts';
import type { Model } from '../../src/view/model.ts';
import { scene } from '../../src/view/scene.ts';
import { aRound } from '../core/state-fixture.ts';
import { cellsOf, draw, plainText } from './draw.ts';
import { asking, BACKEND, CHECKED, cid, FRONTEND, NOW, SIZES, shop, uiFor } from './fixture.ts';

const HOSTILE = [
  '\u001b[2J\u001b[H\u001b]0;owned\u0007\u001b]52;c;aGk=\u0007',
  'a\r\nb\tc\u2028d\u0085e',
  '\u202egnitirw desrever\u202c \u2066x\u2069',
  '\u{e0041}\u{e0042}\u200b\u200b\ufeff',
  '\ue000\ue001\uf8ff###',
  '\ud800 lone \udfff',
  'z\u0351\u0352\u0353\u0354\u0355'.repeat(400),
  '漢'.repeat(3000),
  '👩‍👩‍👧‍👦🇩🇪🏳️‍🌈❤️1️⃣'.repeat(300),
  '',
  ' '.repeat(500),
  'x'.repeat(200_000),
  '__proto__',
];

function hostile(text: string): Model {
  const check = { ...CHECKED[0], check: cid(text), reason: text, outcome: 'failed' as const, durationMs: 1, tests: null };
  const bad = asking();
  if (bad.question === null) throw new Error('the fixture asks');
  const changed = [{ path: text, status: 'added' as const, added: 1, removed: 1 }];
  const question = {
    ...bad.question,
    context: text,
    evidence: text,
    diff: changed,
    reasons: [{ row: 3, rule: text, check: cid(text), file: text, line: 1, figure: text, detail: text }],
    options: [{ key: text, label: text, consequence: text }, ...bad.question.options],
    recommendation: { key: text, why: text },
  };
  const handoff = {
    ...bad,
    task: text,
    summary: text,
    question,
    rounds: [aRound({ epoch: 2, checks: [check], changed, evidence: { path: text, sha256: '' } })],
  };
  const model = shop([handoff], {
    workspaceName: text,
    trouble: text,
    hint: text,
    panes: { [BACKEND]: { title: text, running: true, unread: true, exit: null } },
  });
  const { coordinator } = model.state;
  const config = {
    ...coordinator.config,
    instances: coordinator.config.instances.map((one) => ({ ...one, role: text === '' ? 'role' : text, agent: text })),
  };
  const failed = {
    ...coordinator.instances[FRONTEND],
    role: text,
    session: 'exited' as const,
    exit: { code: null, signal: text, at: NOW },
  };
  return {
    ...model,
    state: {
      ...model.state,
      coordinator: {
        ...coordinator,
        config,
        instances: { ...coordinator.instances, [FRONTEND]: failed as never },
        alerts: [{ at: NOW, level: 'urgent', text }],
      },
    },
  };
}

describe('hostile text', () => {
  it.each(HOSTILE.map((text, index) => [index, text.slice(0, 12).replace(/[^ -~]/gu, '?'), text] as const))(
    '%i %s',
    (_index, _name, text) => {
      const model = hostile(text);
      for (const keys of [[], ['tab', 'tab', 'tab'], ['tab', 'tab', 'tab', 'tab'], ['v'], ['space'], ['D'], [':'], ['y']]) {
        const ui = keys.reduce((now, key) => onKey(model, now, key, NOW).ui, uiFor(model, SIZES.small));
        const { frame } = draw(model, ui);
        expect(frame.replace(/\u001b\[[0-9;]*m/gu, '')).not.toMatch(
          /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u,
        );
        expect(plainText(frame).split('\n')).toHaveLength(24);
        for (const row of plainText(frame).split('\n')) expect(widthOf(row)).toBeLessThanOrEqual(80);
        for (const { rect, rows } of scene(model, ui, KEYMAP).blocks)
          for (const row of rows) expect(row.reduce((sum, one) => sum + widthOf(one.text), 0)).toBe(rect.width);
      }
    },
  );

  it('every border stays in its column, whatever stands beside it', () => {
    for (const text of HOSTILE) {
      const model = hostile(text);
      const rows = cellsOf(draw(model, uiFor(model, SIZES.small)).frame);
      expect([rows[2]?.[0], rows[2]?.[79], rows[12]?.[0], rows[12]?.[79]], text.slice(0, 20)).toEqual(['┏', '┓', '┗', '┛']);
      for (let y = 14; y < 21; y++) expect([rows[y]?.[0], rows[y]?.[79]]).toEqual(['│', '│']);
    }
  });

  it('a thousand handoffs and a hundred instances are a list and some panes', () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      asking({ id: `h-${index.toString(16).padStart(4, '0')}` as never, question: null, phase: 'ACTIVE' }),
    );
    const model = shop(many);
    const [template] = model.state.coordinator.config.instances;
    if (template === undefined) throw new Error('the fixture has instances');
    const instances = Array.from({ length: 100 }, (_, index) => ({ ...template, id: `instance-${index}-x` as never }));
    const { coordinator } = model.state;
    const crowded: Model = {
      ...model,
      state: { ...model.state, coordinator: { ...coordinator, config: { ...coordinator.config, instances } } },
    };
    for (const size of Object.values(SIZES)) {
      const ui = onKey(crowded, uiFor(crowded, size), 'shift+tab', NOW).ui;
      expect(plainText(draw(crowded, ui).frame)).toContain('1000 open');
    }
  });
});
