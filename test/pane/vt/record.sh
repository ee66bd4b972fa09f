#!/usr/bin/env bash
# Writes screens.txt anew: what the tmux and the xterm of this machine make of the corpus. Needs tmux, xterm and Xvfb;
# run from the repository's root, after a change to the corpus.
set -euo pipefail
here=test/pane/vt; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
node_modules/.bin/esbuild $here/corpus.ts --format=esm --log-level=error --outfile="$work/corpus.mjs"
node -e "import('$work/corpus.mjs').then((m) => fs.writeFileSync('$work/cases.json', JSON.stringify(m.CORPUS)))"
player="node $PWD/$here/player.mjs $work/cases.json"
wait_for() { until [ -e "$1" ]; do sleep 0.1; done; }

printf 'set -g status off\nset -g escape-time 0\n' >"$work/tmux.conf"
env -u TMUX LANG=C.UTF-8 tmux -S "$work/socket" -f "$work/tmux.conf" new-session -d -x 20 -y 8 "$player $work/tmux.json tmux $work/socket"
wait_for "$work/tmux.json"
tmux -S "$work/socket" kill-server 2>/dev/null || true

Xvfb -displayfd 3 -screen 0 1280x1024x24 3>"$work/display" 2>/dev/null & xvfb=$!
until [ -s "$work/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$work/display") LANG=C.UTF-8 xterm -u8 -fn fixed -geometry 20x8 -xrm '*boldColors: false' -xrm "*printerCommand: cat >> $work/printed" \
  -xrm '*printAttributes: 2' -xrm '*printerFormFeed: false' -e $player "$work/xterm.json" xterm "$work/printed" </dev/null
kill "$xvfb"

node - "$work" "$(tmux -V)" "$(xterm -version)" >$here/screens.txt <<'JS'
const [work, tmuxVersion, xtermVersion] = process.argv.slice(2);
const read = (name) => JSON.parse(require('fs').readFileSync(`${work}/${name}.json`, 'utf8'));
const [tmux, xterm] = [read('tmux'), read('xterm')];
const shown = ({ cursor, lines }) => [cursor, ...lines.map((line) => `|${line.replaceAll('\x1b', '\\e').replaceAll('\x0e', '\\so').replaceAll('\x0f', '\\si')}`)].join('\n').replace(/(\n\|)+$/, '');
console.log(`What ${tmuxVersion} and ${xtermVersion} make of each case of corpus.ts: the cursor (from 0), then the rows with their colours.\nWritten by record.sh, not by hand.`);
for (const name of Object.keys(tmux)) console.log(`\n== ${name}\ntmux ${shown(tmux[name])}\nxterm ${shown(xterm[name])}`);
JS
