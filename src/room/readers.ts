/** What one screen reads, and where in it: a reader for each pane, for the checks' output and for each open document. */
import { type HandoffId, parseInstanceId } from '../core/ids.ts';
import { createEmulator, type Emulator } from '../pane/emulator.ts';
import { createReader, type Reader } from '../pane/reader.ts';
import { OUTPUT, type ReadAct, type Reading, type ReadKey } from '../view/reading.ts';
import { openedEntry, toEntry } from './entries.ts';
import { createFinding } from './finding.ts';
import type { ScreenWorld } from './screen-types.ts';

/** What an act leads to beyond what is drawn anyway. */
export type ReadOutcome = {
  /** A text to copy, or to open in the operator's editor. */
  readonly copy?: string;
  readonly edit?: { readonly name: string; readonly text: string };
  readonly say?: string;
  /** What stands behind an entry is to be shown. */
  readonly open?: HandoffId;
  /** Something was found in another one. */
  readonly show?: ReadKey;
};

export type Readers = {
  /** Null: there is nothing of that name. */
  at(key: ReadKey): Reader | null;
  /** The address behind the number of a cell's link. */
  addressOf(key: ReadKey): (number: number) => string | null;
  act(key: ReadKey, act: ReadAct, others: readonly ReadKey[], then: (outcome: ReadOutcome) => void): void;
  openText(key: ReadKey, text: string): void;
  /** The document of that name. */
  text(key: ReadKey): Emulator | null;
  /** Somebody looks back in it, or has selected something. */
  isRead(key: ReadKey): boolean;
  /** Of those that were looked at. */
  readings(): Readonly<Record<ReadKey, Reading>>;
  /** The height that something has on this screen. */
  see(key: ReadKey, rows: number): void;
  close(): void;
};

type History = Pick<Emulator, 'terminal' | 'spots' | 'promptRows' | 'addressOf'>;
type Open = { readonly reader: Reader; readonly of: History; rows: number; entry: number | null };

const TEXT_LINES = 50_000;

export function createReaders(world: ScreenWorld, changed: () => void): Readers {
  const open = new Map<ReadKey, Open>();
  const texts = new Map<ReadKey, Emulator>();
  let closed = false;

  const historyOf = (key: ReadKey): History | null => {
    const text = texts.get(key);
    if (text !== undefined) return text;
    if (key === OUTPUT) return world.output.emulator;
    if (key === 'pane:log') return world.log.emulator;
    const instance = key.startsWith('pane:') ? parseInstanceId(key.slice('pane:'.length)) : null;
    return instance === null ? null : (world.panes.get(instance)?.history ?? null);
  };

  const opened = (key: ReadKey): Open | null => {
    const of = historyOf(key);
    const known = open.get(key);
    if (known !== undefined && known.of.terminal === of?.terminal) return known;
    known?.reader.close();
    open.delete(key);
    if (of === null) return null;
    const reader = createReader({ ...of, changed });
    // A document is read from its beginning.
    if (texts.has(key)) reader.toTop();
    const fresh: Open = { reader, of, rows: of.terminal.rows, entry: null };
    open.set(key, fresh);
    return fresh;
  };

  const finding = createFinding((key) => opened(key)?.reader ?? null);
  const told = (key: ReadKey, then: (outcome: ReadOutcome) => void) => (found: ReadKey | null) =>
    then(found === null ? { say: 'that is nowhere here' } : found === key ? {} : { show: found });

  const act: Readers['act'] = (key, asked, others, then) => {
    const one = opened(key);
    if (one === null) return then({ say: 'there is nothing to read here yet' });
    const { reader, rows } = one;
    const all = [key, ...others.filter((other) => other !== key)];
    switch (asked.do) {
      case 'lines':
        reader.scroll(asked.by);
        return;
      case 'pages':
        return reader.scroll(Math.trunc(asked.by * rows));
      case 'top':
        return reader.toTop();
      case 'end':
        return reader.toEnd();
      case 'hold':
        return reader.hold();
      case 'leave':
        finding.stop();
        reader.unselect();
        return reader.toEnd();
      case 'prompt':
        return reader.prompts(asked.by) ? undefined : then({ say: 'the shell has marked no prompt there (OSC 133)' });
      case 'entry':
        one.entry = toEntry(reader, rows, reader.selecting() === null ? null : one.entry, asked.by) ?? one.entry;
        return;
      case 'open-entry': {
        const handoff = openedEntry(reader, rows, reader.selecting() === null ? null : one.entry);
        return then(handoff === null ? { say: 'no entry that can be opened is in view; tab goes to the next' } : { open: handoff });
      }
      case 'select':
        return reader.select(asked.by);
      case 'move':
        return reader.move(asked.motion);
      case 'swap':
        return reader.swap();
      case 'unselect':
        return reader.unselect();
      case 'point':
        return reader.point(asked.x, asked.y, asked.by, asked.extend);
      case 'copy':
        then({ copy: reader.selected() });
        return;
      case 'edit':
        return then({ edit: { name: key.replace(/[^\w-]+/gu, '-'), text: reader.text() } });
      case 'find-begin':
        return reader.beginFind();
      case 'find':
        return finding.find(asked.everywhere ? all : [key], asked.text, asked.down, told(key, then));
      case 'find-again':
        return finding.again(all, asked.same, told(key, then));
      case 'find-end':
        if (!asked.keep) finding.stop();
        return reader.endFind(asked.keep);
    }
  };

  return {
    at: (key) => opened(key)?.reader ?? null,
    addressOf: (key) => historyOf(key)?.addressOf ?? (() => null),
    see(key, rows) {
      const one = opened(key);
      if (one === null) return;
      one.rows = rows;
      one.reader.see(rows);
    },
    act,
    openText(key, text) {
      if (closed) return;
      // What was marked or looked for in the text before says nothing about this one.
      open.get(key)?.reader.close();
      open.delete(key);
      texts.get(key)?.close();
      const emulator = createEmulator({ cols: 80, rows: 24, scrollbackLines: TEXT_LINES, promptEndsWork: false, onAnswer: () => {} });
      emulator.feed(Buffer.from(text.replace(/\r?\n/g, '\r\n')));
      texts.set(key, emulator);
    },
    text: (key) => texts.get(key) ?? null,
    isRead(key) {
      const reader = open.get(key)?.reader;
      return reader !== undefined && (reader.back() > 0 || reader.selecting() !== null || reader.looksFor() !== null);
    },
    readings: () => Object.fromEntries([...open].map(([key, { reader }]) => [key, readingOf(reader)])),
    close() {
      closed = true;
      finding.stop();
      for (const { reader } of open.values()) reader.close();
      for (const emulator of texts.values()) emulator.close();
      open.clear();
      texts.clear();
    },
  };
}

function readingOf(reader: Reader): Reading {
  return { back: reader.back() > 0, selecting: reader.selecting(), finding: reader.looksFor(), found: reader.found() };
}
