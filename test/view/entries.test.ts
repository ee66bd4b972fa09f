/** Lists among the documents, and the change of the config as a card: what its keys ask for (INTERFACE, Keys). */
import { describe, expect, it } from 'vitest';
import { openCase } from '../../src/view/actions-entries.ts';
import { onKey } from '../../src/view/intent.ts';
import type { Model } from '../../src/view/model.ts';
import type { OpenText, Ui } from '../../src/view/ui-state.ts';
import { NOW, reading, SIZES, uiFor, waiting } from './fixture.ts';

const CHANGE: OpenText = { kind: 'text', what: 'config', handoff: null, change: { id: 'c-3f2a10', at: NOW } };
const open = (overlay: OpenText, back = false): { model: Model; ui: Ui } => {
  const model: Model = { ...waiting(), reading: { 'config:': reading({ back }) } };
  return { model, ui: uiFor(model, SIZES.small, { overlay }) };
};

describe('PROTOCOL §5, row 10: the change of the config', () => {
  it('is accepted and refused by a key, bound to the difference that is open, and not in its first 400 ms', () => {
    const { model, ui } = open(CHANGE);
    expect(onKey(model, ui, 'a', NOW + 399).do).toBeUndefined();
    expect(onKey(model, ui, 'd', NOW + 399).do).toBeUndefined();
    expect(onKey(model, ui, 'a', NOW + 400).do).toEqual([{ type: 'verb', verb: 'config accept', args: { change: 'c-3f2a10' } }]);
    expect(onKey(model, ui, 'd', NOW + 400).do).toEqual([{ type: 'verb', verb: 'config refuse', args: { change: 'c-3f2a10' } }]);
  });

  it('has to be read to its end before it can be accepted; refused it can be at once', () => {
    const { model, ui } = open(CHANGE, true);
    const early = onKey(model, ui, 'a', NOW + 999);
    expect(early.do).toBeUndefined();
    expect(early.ui.notice?.text).toContain('to its end');
    expect(onKey(model, ui, 'd', NOW + 999).do).toHaveLength(1);
    const unread: Model = { ...model, reading: {} };
    expect(onKey(unread, ui, 'a', NOW + 999).do).toBeUndefined();
  });

  it('nothing is decided where no change is shown', () => {
    const { model, ui } = open({ kind: 'text', what: 'config', handoff: null });
    expect(onKey(model, ui, 'a', NOW + 999).do).toBeUndefined();
  });
});

describe('timeline, brief and indicators as lists', () => {
  it('what stands behind an entry leads back to the list', () => {
    const { model, ui } = open({ kind: 'text', what: 'timeline', handoff: null, filter: 'session' });
    expect(onKey(model, ui, 'enter', NOW).do).toEqual([{ type: 'read', key: 'timeline:', act: { do: 'open-entry' } }]);
    expect(onKey(model, ui, 'tab', NOW).do).toEqual([{ type: 'read', key: 'timeline:', act: { do: 'entry', by: 1 } }]);
    const opened = openCase(ui, 'evidence', 'h-3f2a' as never);
    expect(onKey(model, opened, 'esc', NOW).ui.overlay).toEqual(ui.overlay);
  });

  it('the timeline is filtered by what is typed, and a filter that is given up leaves it as it was', () => {
    const { model, ui } = open({ kind: 'text', what: 'timeline', handoff: null });
    const typed = [...'F'.split(''), 's', 'e'].reduce((now, key) => onKey(model, now, key, NOW).ui, ui);
    const sent = onKey(model, typed, 'enter', NOW);
    expect(sent.do).toEqual([{ type: 'open-text', what: 'timeline', handoff: null, filter: 'se' }]);
    expect(sent.ui.overlay).toMatchObject({ what: 'timeline', filter: 'se' });
    expect(onKey(model, typed, 'esc', NOW).ui.overlay).toEqual(ui.overlay);
    const brief = open({ kind: 'text', what: 'brief', handoff: null });
    expect(onKey(brief.model, brief.ui, 'F', NOW).ui.overlay).toEqual(brief.ui.overlay);
  });
});
