/**
 * The README's picture: the rehearsal's real screen, at the moment when the operator is asked, as SVG. Drawn from the
 * cells that a real room sent to a real client's terminal, so that it cannot show what is not there.
 */
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import xterm from '@xterm/headless';
import { socketOf } from '../client/address.ts';
import { blit } from '../screen/blit.ts';
import { createGrid } from '../screen/grid.ts';
import { DARK, toSvg } from '../screen/svg.ts';
import { FRAME, frameReader } from '../wire/frames.ts';
import { PROTOCOL, type ScreenHello } from '../wire/protocol.ts';
import { packageRoot } from '../workspace/package-root.ts';
import { assign } from './rehearse.ts';
import { SCENARIOS } from './scenario.ts';
import { openStage } from './stage.ts';

const SIZE = { cols: 132, rows: 42 };
const ASKED = /needs you[\s\S]*advice/;
const PATIENCE_MS = 120_000;

/** `picture FILE`: writes the picture; answers the exit code. */
export async function main([file = 'bench/screen.svg']: readonly string[]): Promise<number> {
  const scenario = SCENARIOS.find(({ name }) => name === 'tour');
  if (scenario === undefined) throw new Error('there is no tour to draw');
  const stage = openStage({ scenario: scenario.name, players: scenario.players, packageRoot: packageRoot(), say: () => {} });
  try {
    await stage.openRoom();
    await assign(stage, scenario);
    const terminal = new xterm.Terminal({ ...SIZE, allowProposedApi: true, scrollback: 0 });
    const socket = watch(socketOf(stage.workspace), terminal);
    await stage.until('the operator is asked', (handoffs) => handoffs.some((handoff) => handoff.needsYou === true));
    await until(() => ASKED.test(textOf(terminal)));
    const grid = createGrid(SIZE.cols, SIZE.rows);
    blit(grid, terminal, { x: 0, y: 0, width: SIZE.cols, height: SIZE.rows });
    writeFileSync(file, toSvg(grid, DARK, 'coordtui: two agents, the coordinator, the handoffs, and the card that waits for its operator'));
    socket.destroy();
    process.stdout.write(`${file}\n`);
    return 0;
  } finally {
    await stage.close();
    stage.remove();
  }
}

function watch(path: string, terminal: xterm.Terminal): Socket {
  const hello: ScreenHello = {
    coordtui: PROTOCOL,
    version: 'picture',
    mode: 'screen',
    ...SIZE,
    tty: null,
    lends: null,
    colours: 'truecolor',
    focus: null,
    observe: false,
    zoom: false,
  };
  const reader = frameReader();
  const socket = connect(path);
  let welcomed = false;
  let rest = Buffer.alloc(0);
  socket.write(`${JSON.stringify(hello)}\n`);
  socket.on('data', (chunk: Buffer) => {
    let bytes = chunk;
    if (!welcomed) {
      rest = Buffer.concat([rest, chunk]);
      const newline = rest.indexOf(10);
      if (newline < 0) return;
      welcomed = true;
      bytes = rest.subarray(newline + 1);
    }
    for (const { type, payload } of reader.push(bytes) ?? []) if (type === FRAME.output) terminal.write(payload);
  });
  return socket;
}

function textOf(terminal: xterm.Terminal): string {
  const { active } = terminal.buffer;
  return Array.from({ length: SIZE.rows }, (_, row) => active.getLine(row)?.translateToString() ?? '').join('\n');
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the screen never asked its operator');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
