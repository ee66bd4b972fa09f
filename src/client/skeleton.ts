/** What stands on the screen before the room has drawn anything: the frame of it, from nothing but the size. */
export function skeleton(cols: number, rows: number, workspace: string): string {
  if (cols < 20 || rows < 6) return '';
  const at = (row: number, text: string) => `\x1b[${row};1H${text}`;
  const name = workspace.replace(/[^\x20-\x7e]/g, '?').slice(-Math.max(0, cols - 14));
  const top = Math.max(3, Math.floor((rows - 2) * 0.6));
  const box = (from: number, to: number): string[] => {
    const lines = [at(from, `╭${'─'.repeat(cols - 2)}╮`)];
    for (let row = from + 1; row < to; row++) lines.push(at(row, '│'), `\x1b[${row};${cols}H│`);
    lines.push(at(to, `╰${'─'.repeat(cols - 2)}╯`));
    return lines;
  };
  return ['\x1b[2m', at(1, ` coordtui  ${name}`), ...box(2, top), ...box(top + 1, rows - 1), '\x1b[0m'].join('');
}
