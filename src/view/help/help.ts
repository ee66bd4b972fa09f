/** All keys, by what they are for; made from the table, filtered by what is typed. */
import { keyNames } from '../key-names.ts';
import { type Binding, KEYMAP, SCOPES, type Scope } from '../keymap.ts';
import type { Rect } from '../layout.ts';
import type { Panel } from '../panel.ts';
import { editedLine } from '../prompt/prompt.ts';
import { fitRow, type Row, span, wrap } from '../row.ts';
import type { Overlay } from '../ui-state.ts';

export const SCOPE_TITLES: Readonly<Record<Scope, string>> = {
  control: 'everywhere in the control room',
  card: 'on a card that waits for you',
  list: 'in the list of handoffs',
  verification: 'in the verification panel',
  entries: 'in a list that is open, and in a changed config',
  select: 'while selecting',
  scroll: 'while reading back',
  palette: 'in the commands',
  help: 'in this help',
  prompt: 'while typing a line',
  confirm: 'when asked to confirm',
};

const KEY_CELLS = 16;
/** Narrower than this, a key and what it does stand below each other. */
const BESIDE_CELLS = 48;

/** One key and what it does; below it, in as many lines as that takes, where both do not fit side by side. */
function keyRows(keys: string, help: string, width: number): Row[] {
  if (width >= BESIDE_CELLS) return [[span(`   ${keys.padEnd(KEY_CELLS)} `, 'key'), span(help)]];
  return [[span(` ${keys}`, 'key')], ...wrap(help, Math.max(1, width - 3), 12).map((line): Row => [span(`   ${line}`)])];
}

/** Every binding under the title of its scope; those that hold the filter in key, help or scope. For `width` cells. */
export function helpRows(keymap: readonly Binding[], filter: string, leaderName: string, width: number): Row[] {
  const wanted = filter.trim().toLowerCase();
  const rows = SCOPES.flatMap((scope): Row[] => {
    const matching = keymap.filter(
      (one) => one.scope === scope && `${keyNames(one)} ${one.help} ${SCOPE_TITLES[scope]}`.toLowerCase().includes(wanted),
    );
    if (matching.length === 0) return [];
    return [[span(` ${SCOPE_TITLES[scope]}`, 'bold')], ...matching.flatMap((one) => keyRows(keyNames(one), one.help, width)), []];
  });
  const typing: Row[] = [
    [span(' while typing into an agent', 'bold')],
    ...keyRows(leaderName, 'give the keys back to the room; twice: type it', width),
  ];
  const withTyping = `while typing into an agent ${leaderName}`.toLowerCase().includes(wanted) ? [...rows, ...typing] : rows;
  return withTyping.length === 0 ? [[span(' no key does that', 'dim')]] : withTyping;
}

export function helpPanel(overlay: Extract<Overlay, { kind: 'help' }>, keymap: readonly Binding[], leaderName: string, rect: Rect): Panel {
  const width = rect.width - 2;
  const all = helpRows(keymap, overlay.filter.text, leaderName, width);
  const height = Math.max(0, rect.height - 3);
  const top = Math.max(0, Math.min(overlay.top, all.length - height));
  return {
    rect,
    border: 'focus',
    title: [span('keys', 'focus')],
    titleEnd: all.length > height ? [span(`${Math.min(top + height, all.length)} of ${all.length}`, 'dim')] : [],
    footEnd: [span('CONTROL', 'focus')],
    rows: [
      fitRow([span(' type to filter: ', 'dim'), ...editedLine(overlay.filter, width - 17)], width),
      ...all.slice(top, top + height).map((row) => fitRow(row, width)),
    ],
  };
}

/** The key table of the README, in Markdown. */
export function readmeKeys(keymap: readonly Binding[] = KEYMAP): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const sections = SCOPES.map((scope) => {
    const rows = keymap
      .filter((one) => one.scope === scope)
      .map((one) => `| ${one.keys.map((key) => `\`${cell(key)}\``).join(' ')} | ${cell(one.help)} |`);
    return `**${SCOPE_TITLES[scope]}**\n\n| key | does |\n| --- | --- |\n${rows.join('\n')}`;
  });
  return `${sections.join('\n\n')}\n`;
}
