/** What the panes print while it is measured: made once, the same for everybody. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LOG_BYTES = 4_000_000;
const SCREENS = 200;

/** Lines of a build, coloured, in capitals and digits: no letter of it is one that is typed. */
function log(bytes) {
  const words = ['COMPILE', 'SRC/API/ORDERS', 'TEST', 'LINK', 'INTEGRATION', 'SKIPPED', '214 PASSED', 'CACHE MISS'];
  const lines = [];
  let size = 0;
  for (let line = 0; size < bytes; line++) {
    const colour = 31 + (line % 6);
    const said = Array.from({ length: 3 + (line % 4) }, (_, index) => words[(line * 7 + index * 3) % words.length]).join(' ');
    const text = `\x1b[2m10:${String(line % 60).padStart(2, '0')}:${String((line * 7) % 60).padStart(2, '0')}\x1b[0m \x1b[1;${colour}m${String(line).padStart(7, '0')}\x1b[0m ${said}\n`;
    lines.push(text);
    size += text.length;
  }
  return lines.join('');
}

/** Whole screens, each cell of them anew, as a program of the full-screen kind repaints itself. */
function repaints(count) {
  let text = '';
  for (let screen = 0; screen < count; screen++) {
    text += '\x1b[H';
    for (let row = 0; row < 48; row++) {
      text += `\x1b[${row + 1};1H\x1b[3${(row + screen) % 8}m${'0123456789ABCDEF'.repeat(3).slice((screen + row) % 16)}\x1b[K`;
    }
  }
  return text;
}

/** Commands for `sh -c`. Throws when the files cannot be written. */
export function floods(dir, { drainBytes }) {
  mkdirSync(dir, { recursive: true });
  const file = (name, content) => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
  };
  const lines = file('log', log(LOG_BYTES));
  const screens = file('screens', repaints(SCREENS));
  const heavy = file('heavy', log(drainBytes));
  const history = file('history', log(700_000).split('\n').slice(0, 10_000).join('\n'));
  // A program that costs next to nothing itself: sixteen of them would else be what is measured.
  const slow = file(
    'slow.pl',
    `open my $file, '<', '${lines}' or die; local $/; my $text = <$file>;
my $piece = int($ARGV[0] / 50); my $at = 0;
while (1) {
  for (my $sent = 0; $sent < $piece; ) { my $more = syswrite STDOUT, $text, $piece - $sent, $at + $sent; exit unless defined $more; $sent += $more; }
  $at = $at + 2 * $piece > length $text ? 0 : $at + $piece;
  select undef, undef, undef, 0.02;
}
`,
  );
  return {
    /** Says that it is there, and echoes what is typed. */
    quiet: "printf 'READY\\n'; exec cat",
    log: `while :; do cat ${lines}; done`,
    repaint: `printf '\\033[?25l'; while :; do cat ${screens}; done`,
    /** @param {number} rate bytes a second */
    rated: (rate) => `exec perl ${slow} ${rate}`,
    /** Begins when the file is there, and says so when it is through. */
    drain: (go, mark) => `while [ ! -e ${go} ]; do sleep 0.02; done; cat ${heavy}; printf '\\n%s\\n' ${mark}; exec sleep 600`,
    /** Fills the history and is quiet. */
    history: `cat ${history}; exec cat`,
  };
}
