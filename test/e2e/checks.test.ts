/** Checks that lie, flood, hang, tamper and stay behind, through a real room: what comes of them is never an approval. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Handoff } from '../../src/core/state.ts';
import { verifyBundle } from '../../src/verify/evidence.ts';
import { BIN } from '../support/rooms.ts';
import { BACKEND, carriersOf, type Drill, isAlive, openDrill, until } from './drill.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** The round is over, and whatever comes of it has come. */
const settled = ({ closedAt, phase, question }: Handoff) => closedAt !== null || phase === 'FAILED' || question !== null;

const last = (handoff: Handoff) => {
  const round = handoff.rounds.at(-1);
  if (round === undefined) throw new Error(`${handoff.id} has no round`);
  return round;
};

const rules = (handoff: Handoff) => last(handoff).verdict?.reasons.map(({ rule }) => rule) ?? [];

async function opened(name: string, checks: (drill: { base: string }) => readonly string[], more = ''): Promise<Drill> {
  const drill = await openDrill(name, { checks, more });
  await drill.open();
  await drill.agents();
  return drill;
}

describe('one check, of every kind', () => {
  let drill: Drill;
  beforeAll(async () => {
    drill = await opened('checks', ({ base }) => [`{ id: unit, command: "sh ${base}/unit.sh" }`, '{ id: fine, command: "true" }']);
  });
  afterAll(() => drill.close());

  let changes = 0;
  /** What the check does next time; it lies outside of the tree that is judged, and on the base all is well. */
  const check = (script: string) => writeFileSync(join(drill.base, 'unit.sh'), `[ "$PWD" = "${drill.workspace}" ] || exit 0\n${script}`);

  async function judged(script: string | ((id: string) => string)): Promise<Handoff> {
    const open = (await drill.handoffs()).find(({ closedAt }) => closedAt === null);
    if (open !== undefined) await drill.did('handoffs withdraw', { id: open.id });
    const id = await drill.assign(BACKEND);
    drill.write('src/shop.js', `export const shop = ${++changes};\n`);
    check(typeof script === 'string' ? script : script(id));
    await drill.did('ready', { instance: BACKEND });
    return drill.untilHandoff(id, 'is judged', settled);
  }

  const report = (value: unknown) => `printf %s '${JSON.stringify(value)}' > "$COORDTUI_REPORT"\n`;

  it('one that passes is approved, with sealed evidence', async () => {
    const done = await judged('exit 0');
    expect(done.closedAt).not.toBeNull();
    expect(last(done).verdict).toMatchObject({ kind: 'approve', row: 12 });
    const { path, sha256 } = last(done).evidence ?? { path: '', sha256: '' };
    expect(await verifyBundle(join(drill.workspace, path), sha256)).toEqual([]);
  });

  it('exit 0 with a report of failure is no approval: the operator is asked', async () => {
    const asked = await judged(`${report({ success: false, violations: [] })}exit 0`);
    expect(last(asked).verdict).toMatchObject({ kind: 'escalate', row: 11 });
    expect(asked.question).toMatchObject({ kind: 'verdict', epoch: 1 });
  });

  it('exit 0 with a critical violation is denied', async () => {
    const violations = [{ type: 'schema', severity: 'critical', description: 'orders.price is missing' }];
    const denied = await judged(`${report({ success: true, violations })}exit 0`);
    expect(denied.phase).toBe('FAILED');
    expect(last(denied).verdict).toMatchObject({ kind: 'deny', row: 3 });
    expect(readFileSync(join(drill.workspace, String(denied.document)), 'utf8')).toContain('orders.price is missing');
  });

  it('exit 1 with a report of success is denied', async () => {
    const denied = await judged(`${report({ success: true, violations: [] })}exit 1`);
    expect(denied.phase).toBe('FAILED');
    expect(last(denied).verdict).toMatchObject({ kind: 'deny', row: 3 });
  });

  it.each([
    ['no JSON', 'echo "{ success" > "$COORDTUI_REPORT"'],
    ['half a report', `printf %s '{"success":"yes"}' > "$COORDTUI_REPORT"`],
    ['nested without end', `{ head -c 100000 /dev/zero | tr '\\0' '['; } > "$COORDTUI_REPORT"`],
    ['a link', 'ln -s /etc/passwd "$COORDTUI_REPORT"'],
    ['a directory', 'mkdir "$COORDTUI_REPORT"'],
    ['a pipe', 'mkfifo "$COORDTUI_REPORT"'],
  ])('a report that is %s: could not verify, so the operator is asked', async (_what, script) => {
    const asked = await judged(`${script}\nexit 0`);
    expect(last(asked)).toMatchObject({
      verdict: { kind: 'escalate', row: 8 },
      checks: [{ outcome: 'did-not-run' }, { outcome: 'passed' }],
    });
    expect(asked.question?.context).toContain('unreadable report');
  });

  it('one that takes its report away again counts by its exit code alone', async () => {
    const done = await judged(`${report({ success: false, violations: [] })}rm "$COORDTUI_REPORT"\nexit 0`);
    expect(last(done).verdict).toMatchObject({ kind: 'approve', row: 12 });
    expect(await judged(`${report({ success: true, violations: [] })}rm "$COORDTUI_REPORT"\nexit 1`)).toMatchObject({ phase: 'FAILED' });
  });

  it.each([
    ['ends as a command that is not there', 'no-such-command-anywhere', 'exit 127'],
    ['kills itself', 'kill -9 $$', 'killed by SIGKILL'],
    ['counts no test', `printf %s '{"success":true,"tests":{"total":0}}' > "$COORDTUI_REPORT"`, 'no test was counted'],
  ])('one that %s did not run: the operator is asked', async (_what, script, reason) => {
    const asked = await judged(script);
    expect(last(asked)).toMatchObject({
      verdict: { kind: 'escalate', row: 8 },
      checks: [{ outcome: 'did-not-run' }, { outcome: 'passed' }],
    });
    expect(last(asked).checks[0]?.reason).toContain(reason);
  });

  it('one that floods fills neither the log nor the room, and its last line is kept', async () => {
    const done = await judged('head -c 100000000 /dev/zero | tr "\\0" x\necho; echo the last line\nexit 0');
    expect(last(done).verdict).toMatchObject({ kind: 'approve' });
    const log = join(drill.workspace, last(done).evidence?.path ?? '', 'unit.log');
    expect(statSync(log).size).toBeLessThan(70 * 1024 * 1024);
    expect(readFileSync(log, 'latin1').slice(-40)).toContain('the last line');
    if (process.platform === 'linux') {
      const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${drill.room().pid}/status`, 'utf8'))?.[1];
      expect(Number(rss)).toBeLessThan(400_000);
    }
  });

  it('one that changes what is judged makes the round void; after the third the operator is asked', async () => {
    const asked = await judged('echo "// $$" >> src/shop.js\nexit 0');
    expect(asked.rounds.map(({ epoch, end }) => [epoch, end])).toEqual([
      [1, 'void'],
      [2, 'void'],
      [3, 'void'],
    ]);
    expect(asked.question).toMatchObject({ kind: 'trouble', epoch: 3 });
    expect(asked.question?.context).toContain('the tree changed during 3 runs');
  });

  it('one that leaves processes behind: its group is ended at once, and the verdict does not wait for them', async () => {
    const done = await judged(
      `sh -c 'trap "" HUP; echo $$ > ${drill.base}/left; exec sleep 100000' &\nwhile [ ! -s ${drill.base}/left ]; do :; done\nexit 0`,
    );
    expect(last(done).verdict).toMatchObject({ kind: 'approve' });
    expect(last(done).checks[0]?.reason).toContain('left processes behind, which were ended');
    const pid = Number(readFileSync(join(drill.base, 'left'), 'utf8'));
    await until('what it left to be gone', () => !isRunning(pid));
  });

  it('one that decides itself hears 77, by whatever way, and decides nothing', async () => {
    const asked = await judged(
      (
        id,
      ) => `approve() { "$@" ${process.execPath} ${BIN} approve ${id} --yes --workspace ${drill.workspace} 2>> ${drill.base}/said; echo $? >> ${drill.base}/codes; }
approve
approve env -i
approve setsid -w
approve env COORDTUI_OPERATOR=headless
exit 127`,
    );
    expect(readFileSync(join(drill.base, 'codes'), 'utf8')).toBe('77\n77\n77\n77\n');
    expect(asked).toMatchObject({ phase: 'VERIFICATION', answers: [], question: { kind: 'verdict' } });
    expect(asked.history.map(({ move }) => move)).not.toContain('approve');
  });

  it.each([
    ['writes a bundle of its own', 'echo "{}" > "$round/bundle.json"'],
    ['lays a file beside it', 'echo forged > "$round/unit2.log"'],
    ['writes into its log behind our back', 'echo forged >> "$round/unit.log"'],
    ['writes into its log once it stands there', 'while [ ! -s "$round/unit.log" ]; do :; done; echo forged >> "$round/unit.log"'],
    ['takes the log away', 'rm -f "$round/unit.log"'],
  ])('one that %s is found out, or has changed nothing', async (_what, script) => {
    const after = await judged(`round=$(dirname "$(dirname "$(dirname "$COORDTUI_REPORT")")")\necho honest\n${script}\nexit 0`);
    const { evidence, verdict } = last(after);
    const differences = await verifyBundle(join(drill.workspace, evidence?.path ?? ''), evidence?.sha256);
    if (verdict?.kind === 'approve') {
      // Whoever writes over his own bundle before it is sealed has written nothing: the seal comes after.
      expect(differences).toEqual([]);
      const bundle = JSON.parse(readFileSync(join(drill.workspace, evidence?.path ?? '', 'bundle.json'), 'utf8'));
      expect(bundle).toMatchObject({ handoff: after.id, checks: [{ check: 'unit', outcome: 'passed' }, { check: 'fine' }] });
      expect(readFileSync(join(drill.workspace, evidence?.path ?? '', 'unit.log'), 'utf8')).toBe('honest\n');
    } else {
      expect(after.question).toMatchObject({ kind: 'trouble' });
      expect(after.question?.context).toMatch(/the (evidence|log of unit) was touched/);
    }
  });

  it('PROTOCOL §5: the third denial in a row goes to the operator instead', async () => {
    let now = await judged('exit 1');
    const { id } = now;
    expect(now).toMatchObject({ phase: 'FAILED', denials: 1 });
    for (const epoch of [2, 3]) {
      await drill.did('ready', { instance: BACKEND });
      now = await drill.untilHandoff(id, `is judged in epoch ${epoch}`, (handoff) => handoff.epoch === epoch && settled(handoff));
    }
    expect(now).toMatchObject({
      phase: 'VERIFICATION',
      epoch: 3,
      denials: 2,
      question: { kind: 'verdict', recommendation: { key: 'deny' } },
    });
    expect(last(now).verdict).toMatchObject({ kind: 'escalate', row: 2 });
    expect(rules(now)).toContain('third-denial');
  });

  it('what is left in the end: nothing', async () => {
    // Neither its group nor its environment leads to it; the room, which adopts orphans, ends it when it ends itself.
    await judged(
      `env -i PATH="$PATH" setsid sh -c 'trap "" HUP TERM; echo $$ > ${drill.base}/away; exec sleep 100000' > /dev/null 2>&1 &\nwhile [ ! -s ${drill.base}/away ]; do :; done\nexit 0`,
    );
    const pid = Number(readFileSync(join(drill.base, 'away'), 'utf8'));
    expect(await drill.room().stop()).toBe(0);
    expect(isRunning(pid)).toBe(false);
    expect(drill.lives().filter(isAlive)).toEqual([]);
  });
});

describe.concurrent('other suites', () => {
  it('one that hangs is ended after its time, and the operator is asked', async ({ onTestFinished }) => {
    const drill = await opened('hangs', () => [
      `{ id: never-ends, timeoutMs: 2000, command: "trap '' TERM; while :; do sleep 0.1; done" }`,
      '{ id: fine, command: "true" }',
    ]);
    onTestFinished(drill.close);
    const id = await drill.assign(BACKEND);
    await drill.did('ready', { instance: BACKEND });
    const asked = await drill.untilHandoff(id, 'is judged', settled);
    expect(last(asked)).toMatchObject({
      verdict: { kind: 'escalate', row: 8 },
      checks: [{ outcome: 'did-not-run', reason: 'timed out after 2 s' }, { outcome: 'passed' }],
    });
    expect(carriersOf('COORDTUI_CHECK', 'never-ends')).toEqual([]);
  });

  it('PROTOCOL §5: without a check nothing was verified: row 1 asks the operator, who may still approve', async ({ onTestFinished }) => {
    const drill = await opened('none', () => []);
    onTestFinished(drill.close);
    const id = await drill.assign(BACKEND);
    await drill.did('ready', { instance: BACKEND });
    const asked = await drill.untilHandoff(id, 'is judged', settled);
    expect(last(asked).verdict).toMatchObject({ kind: 'escalate', row: 1, reasons: [{ rule: 'no-check-ran' }] });
    await drill.did('approve', { id, epoch: asked.epoch });
    await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
  });

  it('PROTOCOL §4: a failed critical pre check ends the round, and the rest is skipped', async ({ onTestFinished }) => {
    const drill = await opened('pre', ({ base }) => [
      '{ id: schema, phase: pre, command: "! grep -q broken src/shop.js" }',
      `{ id: unit, command: "touch ${base}/ran" }`,
      `{ id: e2e, needs: [unit], command: "touch ${base}/ran" }`,
    ]);
    onTestFinished(drill.close);
    const id = await drill.assign(BACKEND);
    drill.write('src/shop.js', 'broken\n');
    await drill.did('ready', { instance: BACKEND });
    const denied = await drill.untilHandoff(id, 'is judged', settled);
    expect(denied.phase).toBe('FAILED');
    expect(last(denied).checks.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['schema', 'failed'],
      ['unit', 'skipped'],
      ['e2e', 'skipped'],
    ]);
    expect(last(denied).checks[1]?.reason).toContain('needs schema');
    expect(existsSync(join(drill.base, 'ran'))).toBe(false);
    expect(readdirSync(join(drill.workspace, 'docs', 'verification-failures'))).toHaveLength(1);
  });
});

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
