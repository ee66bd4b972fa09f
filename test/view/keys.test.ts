/** The table of keys: no key twice, none that does nothing, all of it in help and palette; what each one does is a page of text. */
import { describe, expect, it } from 'vitest';
import { bindKeys, conflictsIn } from '../../src/view/bind-keys.ts';
import { footerLine } from '../../src/view/footer/footer.ts';
import { helpRows, readmeKeys } from '../../src/view/help/help.ts';
import { type Context, type Intent, onCommand, onKey, onPaste } from '../../src/view/intent.ts';
import { keyNames } from '../../src/view/key-names.ts';
import { type Binding, KEYMAP, SCOPES, type Scope } from '../../src/view/keymap.ts';
import { lineOf } from '../../src/view/line-editor.ts';
import type { Model } from '../../src/view/model.ts';
import { paletteEntries } from '../../src/view/palette/entries.ts';
import { scopesOf } from '../../src/view/scopes.ts';
import type { Ui } from '../../src/view/ui-state.ts';
import { session } from '../core/state-fixture.ts';
import { draw } from './draw.ts';
import { asking, BACKEND, cid, NOW, reading, SIZES, shop, uiFor, verifying, waiting } from './fixture.ts';

type Setting = Pick<Context, 'model' | 'ui'>;
const on = (model: Model, change: Partial<Ui> = {}): Setting => ({ model, ui: uiFor(model, SIZES.sketch, change) });

function stopped(): Model {
  const model = waiting();
  const { coordinator } = model.state;
  const instances = { ...coordinator.instances, [BACKEND]: session({ session: 'stopped', pid: null }) };
  return { ...model, state: { ...model.state, coordinator: { ...coordinator, instances } } };
}

const counting = (): Model => shop([asking({ question: null, pending: { decision: 'approve', epoch: 2, dueAt: NOW + 20_000 } })]);

/** A changed config that has been read to its end. */
const onChange = (): Setting =>
  on(
    { ...waiting(), reading: { 'config:': reading({}) } },
    { overlay: { kind: 'text', what: 'config', handoff: null, change: { id: 'c-3f2a10', at: 0 } } },
  );

/** Where each scope is open, so that each of its keys has something to do. */
const SETTINGS: Readonly<Record<Scope, () => Setting>> = {
  control: () => on(waiting()),
  card: () => ({ ...on(waiting(), { focus: 'dock' }), ui: { ...on(waiting(), { focus: 'dock' }).ui, option: 2 } }),
  list: () => on(waiting(), { focus: 'queue', selected: 'h-91c0' as never }),
  verification: () => on(verifying(), { focus: 'dock', selected: 'h-3f2a' as never, check: cid('api-contract') }),
  entries: () => on(waiting(), { overlay: { kind: 'text', what: 'timeline', handoff: null } }),
  select: () => on({ ...waiting(), reading: { [`pane:${BACKEND}`]: reading({ selecting: 'character' }) } }, { scrolling: true }),
  scroll: () => on({ ...waiting(), reading: { [`pane:${BACKEND}`]: reading({ back: true, finding: 'x' }) } }, { scrolling: true }),
  palette: () => on(waiting(), { overlay: { kind: 'palette', line: lineOf('hold'), index: 1, problem: null } }),
  help: () => on(waiting(), { overlay: { kind: 'help', filter: lineOf(''), top: 20 } }),
  prompt: () =>
    on(waiting(), {
      overlay: {
        kind: 'prompt',
        asking: { for: 'deny', handoff: 'h-3f2a' as never, epoch: 2 },
        line: { text: 'not like this', cursor: 4 },
      },
    }),
  confirm: () =>
    on(waiting(), {
      overlay: { kind: 'confirm', question: 'end it?', intent: { type: 'verb', verb: 'close', args: { instance: BACKEND } } },
    }),
};

/** Where the setting of the scope is not enough. */
const SPECIAL: Partial<Readonly<Record<Binding['id'], () => Setting>>> = {
  'stop-countdown': () => on(counting()),
  'take-over': () => on({ ...waiting(), role: 'watcher' }),
  'new-session': () => on(stopped()),
  'config-accept': () => onChange(),
  'config-refuse': () => onChange(),
  back: () => on(waiting(), { zoom: true }),
  'focus-left': () => on(waiting(), { pane: 'log' }),
  'focus-up': () => on(waiting(), { focus: 'queue', selected: 'h-91c0' as never }),
  'focus-number': () => on(waiting(), { pane: 'log' }),
  'select-last': () => on(waiting(), { focus: 'queue', selected: 'h-3f2a' as never }),
};

/** `k` of the list comes before `k` of the control scope: there the setting is another pane. */
const keyFor = (one: Binding, { model, ui }: Setting): string =>
  one.keys.find((key) => firstFor(key, model, ui)?.id === one.id) ?? one.keys[0] ?? '';
const firstFor = (key: string, model: Model, ui: Ui): Binding | undefined =>
  scopesOf(model, ui).flatMap((scope) => KEYMAP.filter((one) => one.scope === scope && one.keys.includes(key)))[0];

function changes(before: Ui, after: Ui): string[] {
  const { notice: _was, shown: _before, ...old } = before;
  const { notice, shown: _after, ...now } = after;
  const fields = Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name as keyof typeof old]));
  return [...fields.map(([name, value]) => `${name} ${JSON.stringify(value)}`), ...(notice === null ? [] : [`says "${notice.text}"`])];
}

const intentText = (intent: Intent): string => JSON.stringify(intent);

describe('INTERFACE, Keys: the table', () => {
  it('binds no key twice in a scope', () => {
    expect(conflictsIn(KEYMAP)).toEqual([]);
    expect(new Set(KEYMAP.map(({ id }) => id)).size).toBe(KEYMAP.length);
  });

  it('every binding is in the help, and in the palette unless it belongs to a line that is being typed', () => {
    const help = helpRows(KEYMAP, '', 'ctrl-]', 80)
      .map((row) => row.map(({ text }) => text).join(''))
      .join('\n');
    const { model, ui } = on(waiting());
    const offered = paletteEntries(model, ui, KEYMAP, '').flatMap(({ does }) => (does.kind === 'command' ? [does.id] : []));
    for (const one of KEYMAP) {
      expect(help).toContain(`${keyNames(one)} `);
      expect(help).toContain(one.help);
      if (!['palette', 'help', 'prompt', 'confirm'].includes(one.scope)) expect(offered).toContain(one.id);
    }
  });

  it("has INTERFACE's keys for what there is now", () => {
    const wanted = {
      enter: 'type',
      i: 'type',
      tab: 'focus-next',
      n: 'next-need',
      N: 'previous-need',
      z: 'zoom',
      space: 'peek',
      '[': 'scroll',
      '/': 'search',
      pgup: 'scroll',
      a: 'approve',
      d: 'deny',
      D: 'deny-reason',
      e: 'answer',
      v: 'evidence',
      V: 'run-checks',
      w: 'why',
      p: 'pause',
      P: 'dial',
      '!': 'interrupt',
      r: 'look',
      R: 'restart-session',
      ':': 'palette',
      'ctrl+p': 'palette',
      c: 'new-session',
      x: 'close-session',
      '?': 'help',
      f: 'diff',
      T: 'take-over',
      y: 'copy',
      q: 'detach',
      Q: 'stop-room',
      1: 'focus-number',
      9: 'focus-number',
    };
    for (const [key, id] of Object.entries(wanted))
      expect(
        (['control', 'card'] as const).map((scope) => KEYMAP.find((one) => one.scope === scope && one.keys.includes(key))?.id),
        key,
      ).toContain(id);
  });

  it('every key does something where it is open, and what it does is written down', async () => {
    const page: string[] = [];
    for (const scope of SCOPES) {
      page.push(`# ${scope}`);
      for (const one of KEYMAP.filter((binding) => binding.scope === scope)) {
        const setting = (SPECIAL[one.id] ?? SETTINGS[scope])();
        const { model, ui } = setting;
        const outcome = onKey(model, ui, one.id === 'focus-number' ? '2' : keyFor(one, setting), NOW);
        const told = [...changes(ui, outcome.ui), ...(outcome.do ?? []).map(intentText)];
        expect(told, `${scope}: ${one.id}`).not.toEqual([]);
        page.push(`${keyNames(one).padEnd(14)} ${one.help}`, ...told.map((line) => `                 → ${line}`));
      }
    }
    await expect(`${page.join('\n')}\n`).toMatchFileSnapshot('./keys.txt');
  });

  it('every key of the table can be pressed in every scope, twice, at every size, and the screen can be drawn', () => {
    const keys = [...new Set(KEYMAP.flatMap((one) => one.keys)), 'leader', 'ctrl+]', 'f7', 'ö', '漢', 'ctrl+space', ''];
    for (const scope of SCOPES) {
      for (const key of keys) {
        const { model, ui } = SETTINGS[scope]();
        const once = onKey(model, ui, key, NOW);
        const twice = onKey(model, once.ui, key, NOW + 1000);
        for (const intent of [...(once.do ?? []), ...(twice.do ?? [])]) expect(intent.type).toMatch(/^[a-z-]+$/u);
        expect(JSON.stringify(twice.ui)).not.toContain('null,null');
      }
    }
    for (const scope of SCOPES) {
      const { model, ui } = SETTINGS[scope]();
      expect(draw(model, { ...ui, size: SIZES.small }).frame.split('\n')).toHaveLength(24);
    }
  });

  it('an observer can look at everything and change nothing', () => {
    for (const scope of SCOPES) {
      for (const key of new Set(KEYMAP.flatMap((one) => one.keys))) {
        const { model, ui } = SETTINGS[scope]();
        const outcome = onKey({ ...model, role: 'observer' }, ui, key, NOW);
        expect(
          (outcome.do ?? []).filter(({ type }) => type === 'verb' || type === 'type' || type === 'take-over'),
          `${scope} ${key}`,
        ).toEqual([]);
      }
    }
  });

  it('an observer is offered nothing that he is refused', () => {
    // What asks back is only open for who may ask.
    for (const scope of SCOPES.filter((one) => one !== 'prompt' && one !== 'confirm')) {
      const { model, ui } = SETTINGS[scope]();
      const looksOn = { ...model, role: 'observer' as const };
      const wide = { ...ui, size: { cols: 400, rows: 60 } };
      const offered = footerLine(looksOn, wide, KEYMAP, 'ctrl+]').flatMap(({ click }) =>
        click?.kind === 'command' ? [click.command] : [],
      );
      expect(offered.length).toBeGreaterThan(0);
      for (const id of new Set(offered)) {
        const after = onCommand(looksOn, wide, id, NOW);
        expect(JSON.stringify(after.ui), `${scope} ${id}`).not.toContain('only looks on');
      }
    }
  });

  it('INTERFACE, Keys: while typing only the leader is ours; the leader again is a literal one', () => {
    const { model, ui } = on(waiting());
    const typing = onKey(model, ui, 'enter', NOW);
    expect(typing.do).toEqual([{ type: 'type', instance: BACKEND, leader: false }]);
    for (const key of new Set(KEYMAP.flatMap((one) => one.keys))) expect(onKey(model, typing.ui, key, NOW)).toEqual({ ui: typing.ui });
    expect(onPaste(model, typing.ui, 'x', NOW)).toEqual({ ui: typing.ui });
    const control = onKey(model, typing.ui, 'leader', NOW);
    expect(control.ui.mode).toBe('control');
    expect(onKey(model, control.ui, 'ctrl+]', NOW).do).toEqual([{ type: 'type', instance: BACKEND, leader: true }]);
  });

  it('makes the table of the README', () => {
    const table = readmeKeys();
    for (const one of KEYMAP) expect(table).toContain(`| ${one.help} |`);
    expect(table).toContain('| `a` | approve the handoff whose card is shown |');
  });
});

describe('the keys of the operator', () => {
  it('take the place of the default one', () => {
    const { keymap, problems } = bindKeys(KEYMAP, { zoom: 'Z', detach: 'ctrl+x' }, 'ctrl+]');
    expect(problems).toEqual([]);
    const { model, ui } = on(waiting());
    expect(onKey(model, ui, 'Z', NOW, keymap).ui.zoom).toBe(true);
    expect(onKey(model, ui, 'z', NOW, keymap).ui.zoom).toBe(false);
    expect(conflictsIn(keymap)).toEqual([]);
    expect(
      helpRows(keymap, '', 'ctrl-]', 80)
        .flat()
        .map(({ text }) => text)
        .join('\n'),
    ).toContain('ctrl-x');
  });

  it.each([
    [{ zoom: 'n' }, /ui\.keys\.zoom: n is taken by next-need/u],
    [{ zoom: 'ctrl+]' }, /gives the keys back to the room already/u],
    [{ fly: 'u' }, /there is no command "fly"/u],
    [{ zoom: 'ctrl+ctrl+ctrl' }, /is no key/u],
    [{ zoom: '' }, /is no key/u],
    [JSON.parse('{"__proto__": "u"}') as Record<string, string>, /there is no command "__proto__"/u],
  ])('%j is told, and left out', (overrides, problem) => {
    const bound = bindKeys(KEYMAP, overrides, 'ctrl+]');
    expect(bound.problems).toHaveLength(1);
    expect(bound.problems[0]).toMatch(problem);
    expect(bound.keymap).toEqual(KEYMAP);
  });
});
