/** A terminal's screen as one piece of output: what a fresh terminal of that size has to be told to show the same. */
import type { IBuffer, IBufferCell, Terminal } from '@xterm/headless';

type Look = Pick<
  IBufferCell,
  | 'isBold'
  | 'isDim'
  | 'isItalic'
  | 'isUnderline'
  | 'isBlink'
  | 'isInverse'
  | 'isInvisible'
  | 'isStrikethrough'
  | 'isOverline'
  | 'isFgRGB'
  | 'isBgRGB'
  | 'isFgPalette'
  | 'isBgPalette'
  | 'getFgColor'
  | 'getBgColor'
>;

/** What the public interface does not tell, and what comes after would be drawn with; used only when it is there. */
type Inside = {
  readonly _inputHandler?: { readonly _curAttrData?: Look };
  readonly coreService?: { readonly isCursorHidden?: boolean };
  readonly buffer?: { readonly scrollTop?: number; readonly scrollBottom?: number };
};

const FLAGS: readonly (readonly [keyof Look, number])[] = [
  ['isBold', 1],
  ['isDim', 2],
  ['isItalic', 3],
  ['isUnderline', 4],
  ['isBlink', 5],
  ['isInverse', 7],
  ['isInvisible', 8],
  ['isStrikethrough', 9],
  ['isOverline', 53],
];

const PLAIN = '\x1b[0m';

/** Begins with a full reset: whatever was shown before has no part in it. The lines above the screen are not in it. */
export function keyframe(terminal: Terminal): string {
  const { normal, alternate, active } = terminal.buffer;
  const inside = (terminal as Terminal & { readonly _core?: Inside })._core;
  const parts = ['\x1bc', screen(normal, terminal)];
  if (active.type === 'alternate') parts.push('\x1b[?1049h\x1b[2J', screen(alternate, terminal));
  const { scrollTop = 0, scrollBottom = terminal.rows - 1 } = inside?.buffer ?? {};
  // Setting the margins moves the cursor: it comes after them.
  if (scrollTop !== 0 || scrollBottom !== terminal.rows - 1) parts.push(`\x1b[${scrollTop + 1};${scrollBottom + 1}r`);
  parts.push(cursor(active, terminal), modes(terminal));
  if (inside?.coreService?.isCursorHidden === true) parts.push('\x1b[?25l');
  const pen = inside?._inputHandler?._curAttrData;
  parts.push(pen === undefined ? '\x1b[0m' : sgr(pen));
  return parts.join('');
}

function screen(buffer: IBuffer, { rows, cols }: Terminal): string {
  const lines: string[] = [];
  for (let y = 0; y < rows; y++) lines.push(row(buffer, buffer.baseY + y, cols, y));
  // Where the cursor is kept when the other screen is switched to.
  return `${lines.join('')}\x1b[0m\x1b[${buffer.cursorY + 1};${Math.min(buffer.cursorX, cols - 1) + 1}H`;
}

function row(buffer: IBuffer, line: number, cols: number, y: number): string {
  const cells = buffer.getLine(line);
  if (cells === undefined) return '';
  let out = '';
  let look = PLAIN;
  let shown = '';
  const cell = buffer.getNullCell();
  for (let x = 0; x < cols; x++) {
    if (cells.getCell(x, cell) === undefined || cell.getWidth() === 0) continue;
    const next = cell.isAttributeDefault() ? PLAIN : sgr(cell);
    const text = cell.getChars() || ' ';
    // A place of its own for what terminals disagree about, and after what was left out.
    const plain = text.length === 1 && text < '\u0300';
    out += `${plain ? '' : `\x1b[${y + 1};${x + 1}H`}${next === look ? '' : next}${text}${plain ? '' : `\x1b[${y + 1};${x + 1 + cell.getWidth()}H`}`;
    look = next;
    // Blank cells at the end say nothing.
    if (text !== ' ' || next !== PLAIN) shown = out;
  }
  return shown === '' ? '' : `\x1b[${y + 1};1H\x1b[0m${shown}`;
}

/** Behind a full row it waits to wrap: no movement leads there, only writing the last character again. */
function cursor(buffer: IBuffer, { cols }: Terminal): string {
  const { cursorX, cursorY, baseY } = buffer;
  if (cursorX < cols) return `\x1b[${cursorY + 1};${cursorX + 1}H`;
  const line = buffer.getLine(baseY + cursorY);
  const last = line?.getCell(cols - 1);
  const wide = last?.getWidth() === 0;
  const cell = wide ? line?.getCell(cols - 2) : last;
  return `\x1b[${cursorY + 1};${wide ? cols - 1 : cols}H${cell === undefined ? '' : `${sgr(cell)}${cell.getChars() || ' '}`}`;
}

function modes({ modes: now }: Terminal): string {
  const mouse = { none: 0, x10: 9, vt200: 1000, drag: 1002, any: 1003 }[now.mouseTrackingMode];
  const set = [
    ...(now.applicationCursorKeysMode ? ['?1'] : []),
    ...(now.applicationKeypadMode ? ['?66'] : []),
    ...(now.bracketedPasteMode ? ['?2004'] : []),
    ...(now.sendFocusMode ? ['?1004'] : []),
    ...(now.insertMode ? ['4'] : []),
    ...(mouse === 0 ? [] : [`?${mouse}`]),
  ];
  return `${set.map((mode) => `\x1b[${mode}h`).join('')}${now.wraparoundMode ? '' : '\x1b[?7l'}`;
}

function sgr(look: Look): string {
  const codes = ['0', ...FLAGS.filter(([is]) => Boolean(look[is]())).map(([, code]) => String(code))];
  if (look.isFgRGB()) codes.push(`38;2;${rgb(look.getFgColor())}`);
  else if (look.isFgPalette()) codes.push(palette(look.getFgColor(), 30));
  if (look.isBgRGB()) codes.push(`48;2;${rgb(look.getBgColor())}`);
  else if (look.isBgPalette()) codes.push(palette(look.getBgColor(), 40));
  return `\x1b[${codes.join(';')}m`;
}

/** The sixteen have codes of their own, and players colour them by their theme. */
function palette(colour: number, base: 30 | 40): string {
  if (colour < 8) return String(base + colour);
  return colour < 16 ? String(base + 52 + colour) : `${base + 8};5;${colour}`;
}

function rgb(colour: number): string {
  return `${(colour >> 16) & 255};${(colour >> 8) & 255};${colour & 255}`;
}
