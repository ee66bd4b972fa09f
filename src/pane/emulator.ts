/** The screen that a program believes to have: bytes in, cells, text and answers out. */

import type { IBufferLine, Terminal } from '@xterm/headless';
import xterm from '@xterm/headless';
import { unicodeProvider } from '../core/width-provider.ts';
import { orderAnswers } from './answers.ts';
import { spareBlankLines } from './blank-lines.ts';
import { boundCosts } from './bounds.ts';
import { type Rows, watchRows } from './changed-rows.ts';
import { correct, endingStrings, wholeCharacters, withoutC1 } from './corrections.ts';
import { coreOf } from './inside.ts';
import { watchLinks } from './links.ts';
import type { OuterColours } from './outer-colours.ts';
import { plainStream } from './plain-stream.ts';
import { plainText } from './plain-text.ts';
import { printRuns } from './printing.ts';
import { createProgramRecords, type ProgramReport, parseProgramStatus } from './program-status.ts';
import { createPrompts } from './prompts.ts';
import { createSpots, type Spots } from './spots.ts';

const TITLE_LENGTH = 200;

export type EmulatorOptions = {
  readonly cols: number;
  readonly rows: number;
  readonly scrollbackLines: number;
  /**
   * A shell's prompt (OSC 133;A) ends what was reported as working. Only for shells: some agents print
   * that mark around each of their messages.
   */
  readonly promptEndsWork: boolean;
  /** What is told to a program that asks for the terminal's colours; without them it is told nothing. */
  readonly colours?: OuterColours;
  /** In milliseconds, never going back. */
  readonly clock?: () => number;
  /** What the terminal answers to the program: DA, DSR, DECRQM, program status. */
  onAnswer(bytes: Buffer): void;
};

export type Emulator = {
  feed(bytes: Uint8Array): void;
  /** What the last `feed`, or a resize since, may have changed of the screen. */
  changedRows(): Rows;
  resize(cols: number, rows: number): void;
  /** Without control characters, 200 characters at most. */
  title(): string;
  bells(): number;
  programStatus(): readonly ProgramReport[];
  /** Scrollback and screen as text, wrapped lines joined, empty lines at the end left out; the last `lines` of them. */
  text(lines: number): string[];
  /** For whoever draws the cells. */
  readonly terminal: Terminal;
  /** The address behind the number of a cell's link. */
  readonly addressOf: (number: number) => string | null;
  /** For whoever reads in its history. */
  readonly spots: Spots;
  /** Where the shell said that its prompts begin (OSC 133), the oldest first. */
  promptRows(): readonly number[];
  close(): void;
};

export function createEmulator(options: EmulatorOptions): Emulator {
  const terminal = new xterm.Terminal({
    cols: options.cols,
    rows: options.rows,
    scrollback: options.scrollbackLines,
    allowProposedApi: true,
    logLevel: 'off',
    // Its size in characters, and a title kept for later: nothing that reaches further than the pane.
    windowOptions: { getWinSizeChars: true, pushTitle: true, popTitle: true },
  });
  // By the same table as everything else here: a screen on which two of us disagree is torn.
  const provider = unicodeProvider();
  terminal.unicode.register(provider);
  terminal.unicode.activeVersion = provider.version;
  correct(terminal);
  boundCosts(terminal);
  spareBlankLines(terminal);
  const printer = printRuns(terminal);
  const changed = watchRows(terminal);
  const links = watchLinks(terminal);
  const records = createProgramRecords();
  const spots = createSpots(terminal);
  const prompts = createPrompts(terminal, spots);
  let title = '';
  let bells = 0;

  const answer = orderAnswers(terminal, options.colours ?? null, options.onAnswer);
  terminal.onData(answer);
  terminal.onTitleChange((text) => {
    title = plainText(text, TITLE_LENGTH);
  });
  terminal.onBell(() => {
    bells += 1;
  });
  terminal.parser.registerOscHandler(7501, (payload) => {
    const sequence = parseProgramStatus(payload);
    // In stream order, so that the answer stands before the one to a DA1 that follows.
    if (sequence.type === 'query') answer('\x1b]7501;?\x1b\\');
    else records.take(sequence);
    return true;
  });
  terminal.parser.registerOscHandler(133, (payload) => {
    if (/^A(;|$)/.test(payload)) {
      prompts.mark();
      if (options.promptEndsWork) records.endWork();
    }
    return true;
  });
  terminal.parser.registerEscHandler({ final: 'c' }, () => {
    records.clear();
    return false;
  });

  const shown = endingStrings(terminal, options.clock ?? (() => performance.now()), plainStream(terminal, printer, feeder(terminal)));
  const write = inPieces(wholeCharacters(withoutC1(shown)));
  return {
    changedRows: changed.rows,
    feed(bytes) {
      changed.begin();
      write(bytes);
      spots.sync();
    },
    resize: (cols, rows) => spots.resized(() => terminal.resize(cols, rows)),
    title: () => title,
    bells: () => bells,
    programStatus: records.list,
    text: (lines) => textOf(terminal, lines),
    terminal,
    addressOf: links.addressOf,
    spots,
    promptRows: prompts.rows,
    close() {
      spots.close();
      terminal.dispose();
    },
  };
}

/** So long a piece at most is looked at as one. */
const PIECE = 65_536;

function inPieces(feed: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  return (bytes) => {
    for (let at = 0; at < bytes.length; at += PIECE) feed(bytes.subarray(at, at + PIECE));
  };
}

/**
 * The public `write` waits for a timer; the synchronous path underneath is four times as fast for an echo and is its
 * own flow control. It is private: when it is gone, `write` does the same a little later.
 */
function feeder(terminal: Terminal): (bytes: Uint8Array) => void {
  const core = coreOf(terminal);
  if (hasWriteSync(core)) return (bytes) => core.writeSync(bytes);
  return (bytes) => terminal.write(bytes);
}

function hasWriteSync(core: unknown): core is { writeSync(bytes: Uint8Array): void } {
  return typeof core === 'object' && core !== null && 'writeSync' in core && typeof core.writeSync === 'function';
}

function textOf(terminal: Terminal, wanted: number): string[] {
  const buffer = terminal.buffer.active;
  const lines: string[] = [];
  let joined = '';
  // From the end, so that the last lines of a long history cost no more than themselves.
  for (let row = buffer.length - 1; row >= 0 && lines.length < wanted; row--) {
    const line = buffer.getLine(row);
    if (line === undefined) continue;
    const goesOn = row + 1 < buffer.length && buffer.getLine(row + 1)?.isWrapped === true;
    joined = (goesOn ? wholeRow(line) : line.translateToString(true)) + joined;
    if (line.isWrapped && row > 0) continue;
    if (lines.length > 0 || joined !== '') lines.push(joined);
    joined = '';
  }
  return lines.reverse();
}

/** A wide character that did not fit leaves an empty cell at the end of its row, which is no space. */
function wholeRow(line: IBufferLine): string {
  const last = line.getCell(line.length - 1);
  const gap = last !== undefined && last.getWidth() === 1 && last.getChars() === '';
  return line.translateToString(false, 0, gap ? line.length - 1 : line.length);
}
