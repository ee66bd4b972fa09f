/** Two rooms for one workspace, and a status file that was there before the first. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { at, BIN, env, openRoom, readStatus, statusFile, until, workspace } from './room.mjs';

function second(dir) {
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, 'serve', '--foreground'], { cwd: dir, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  return new Promise((done) => child.once('close', (code) => done({ code, said, ms: performance.now() - began })));
}

export async function twice({ count: rounds }) {
  const { dir, done } = workspace();
  const room = openRoom(dir);
  const problems = [];
  const [refusals, returns] = [[], []];
  for (let round = 0; round < rounds && problems.length === 0; round++) {
    const began = performance.now();
    if (!(await room.start())) problems.push(`round ${round}: ${room.output().slice(-300)}`);
    returns.push(performance.now() - began);
    const answers = await Promise.all([second(dir), second(dir)]);
    for (const { code, said, ms } of answers) {
      refusals.push(ms);
      if (code !== 75 || !said.includes(String(room.pid()))) problems.push(`the second ended with ${code}: ${said}`);
    }
    await room.end('SIGKILL');
  }
  done();
  return {
    told: `${refusals.length} refused within at most ${Math.max(...refusals).toFixed(0)} ms; up again within ${Math.max(...returns).toFixed(0)} ms of a kill`,
    problems,
  };
}

/** A file of the protocol's shape, without any revision, that an agent had written before there was a room. */
export async function seeded() {
  const { dir, done } = workspace();
  const problems = [];
  mkdirSync(`${dir}/status`);
  const seed = {
    coordinationSession: { sessionId: 'theirs', coordinationMode: 'THREE_INSTANCE_AUTONOMOUS' },
    instances: {
      w0: { updates: { 0: 1 }, status: 'ACTIVE' },
      'instance-2-frontend': { currentTask: 'seeded', unknownField: [1, { a: 2 }] },
    },
    handoffProtocol: { currentHandoffPhase: 'APPROVED' },
    unknownRoot: { kept: true },
  };
  writeFileSync(statusFile(dir), JSON.stringify(seed));
  const room = openRoom(dir);
  if (!(await room.start())) problems.push(`the room did not start: ${room.output()}`);
  await until(() => at(readStatus(dir), ['instances', 'w0', 'updates', '0']) === 1);
  const now = readStatus(dir);
  const expected = [
    [['instances', 'w0', 'updates', '0'], 1],
    [['instances', 'instance-2-frontend', 'currentTask'], 'seeded'],
    [
      ['instances', 'instance-2-frontend', 'unknownField'],
      [1, { a: 2 }],
    ],
    [['unknownRoot', 'kept'], true],
    [['handoffProtocol', 'currentHandoffPhase'], 'NONE'],
  ];
  for (const [path, value] of expected)
    if (JSON.stringify(at(now, path)) !== JSON.stringify(value)) problems.push(`${path.join('.')} is ${JSON.stringify(at(now, path))}`);
  if (typeof now?.revision !== 'number') problems.push('there is no revision');
  await room.end('SIGTERM');
  done();
  return { told: 'a file from before the room: taken in, unknown fields kept, the coordinator’s part its own', problems };
}
