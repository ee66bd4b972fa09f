/** What is read on the screen: words that somebody knows who has never seen it. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextHint, type Step, stepsDone } from '../../src/view/hints.ts';
import { onKey } from '../../src/view/intent.ts';
import { handoffLook, inPlainWords } from '../../src/view/words.ts';
import { screenText } from './draw.ts';
import { asking, NOW, quiet, SIZES, shop, uiFor, verifying, waiting } from './fixture.ts';

const VIEW = path.join(import.meta.dirname, '../../src/view');

/** Words of ours that a newcomer would have to learn, or that frighten. */
const INSIDER =
  /\b(epochs?|phase|poke|verdict|remediation|escalat\w+|daemon|projection|journal\w*|revision|suite|handoff_ready|pty|stdin|null|undefined|NaN|payload|intent|overlay|dock|scope|leader)\b/iu;

/** Texts in quotes that hold a blank: what is read, not what is matched or imported. */
function staticTexts(): { file: string; text: string }[] {
  const files = fs.readdirSync(VIEW, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/u.test(file));
  return files.flatMap((file) => {
    const source = fs
      .readFileSync(path.join(VIEW, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gmu, '')
      .replace(/^import .*$/gmu, '');
    const lines = source.split('\n').filter((line) => !/throw new Error|replace(?:All)?\(/u.test(line));
    const quoted = [...lines.join('\n').matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/gu)];
    return quoted
      .map((match) => ({ file, text: (match[1] ?? match[2] ?? match[3] ?? '').replace(/\$\{[^}]*\}/gu, '…') }))
      .filter(({ text }) => /[a-z] [a-z]/iu.test(text));
  });
}

describe('the words on the screen', () => {
  it('work that is held and needs somebody as well shows both', () => {
    expect(handoffLook(asking({ held: true }))).toMatchObject({ sign: '⚑', word: 'needs you ‖' });
    expect(handoffLook(asking({}))).toMatchObject({ word: 'needs you' });
  });

  it('none that only we know', () => {
    const texts = staticTexts();
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter(({ text }) => INSIDER.test(text))).toEqual([]);
  });

  it('not on any screen either, where our own words meet those of the core', () => {
    for (const [model, keys] of [
      [waiting(), []],
      [waiting(), ['space']],
      [waiting(), ['?']],
      [verifying(), []],
      [quiet(), []],
      [waiting(), ['D']],
      [waiting(), ['R']],
    ] as const) {
      const ui = keys.reduce((now, key) => onKey(model, now, key, NOW).ui, uiFor(model, SIZES.wide));
      // Names of things that the configuration gives are not ours.
      const text = screenText(model, ui).replace(/⟨[^⟩]*⟩/gu, '');
      expect(INSIDER.exec(text)?.[0]).toBeUndefined();
    }
  });

  it("reads the core's sentences for the operator", () => {
    expect(inPlainWords('verification begins anew (epoch 2)')).toBe('verification begins anew (round 2)');
    expect(inPlainWords('"x" by y: APPROVE by row 12 of the verdict table: every check that ran passed')).toBe(
      '"x" by y: the checks would approve: every check that ran passed',
    );
    expect(inPlainWords('a new round, a new epoch; nothing is decided yet')).toBe('a new round; nothing is decided yet');
  });
});

describe('the hints of the rehearsal', () => {
  it('lead from the first card to the way out and back, one at a time', () => {
    const model = waiting();
    const before = shop([asking({ question: null, phase: 'ACTIVE' })]);
    const ui = uiFor(model, SIZES.sketch);
    let done: ReadonlySet<Step> = new Set();
    const hint = (attached = 0) => nextHint(model.state, ui, done, attached);
    expect(nextHint(before.state, ui, done)).toContain('you will be asked');
    expect(hint()).toContain('press a to approve it');
    const read = onKey(model, ui, 'w', NOW);
    done = stepsDone(done, read.ui, read.do);
    expect(nextHint(model.state, read.ui, done)).toContain('esc closes it');
    const approved = onKey(model, ui, 'a', NOW);
    done = stepsDone(done, approved.ui, approved.do);
    expect(hint()).toContain('press v');
    done = stepsDone(done, onKey(model, ui, 'v', NOW).ui);
    expect(hint()).toContain('press z');
    const zoomed = onKey(model, ui, 'z', NOW).ui;
    done = stepsDone(done, zoomed);
    expect(nextHint(model.state, zoomed, done)).toContain('z again');
    expect(hint()).toContain('press q');
    done = stepsDone(done, ui, onKey(model, ui, 'q', NOW).do);
    expect(hint(1)).toContain('nothing was lost');
    expect(stepsDone(done, ui)).toBe(done);
  });
});
