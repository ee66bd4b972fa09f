/** What a real room lets go of by itself, by a policy that keeps nearly nothing (PROTOCOL section 8, Retention). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BACKEND, type Drill, FRONTEND, openDrill, until } from './drill.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describe('PROTOCOL §8 Retention, decision 0024: by the timer of the room', () => {
  let drill: Drill;
  beforeAll(async () => {
    drill = await openDrill('retention', { policy: 'evidenceMaxBytes: 1, evidenceLookMs: 300' });
  });
  afterAll(() => drill.close());

  const evidence = (id: string) => join(drill.workspace, 'status', '.coordtui', 'evidence', id);
  const approved = async (text: string): Promise<string> => {
    drill.write('src/shop.js', text);
    const id = await drill.assign(BACKEND);
    await drill.did('ready', { instance: BACKEND });
    await drill.untilHandoff(id, 'is complete', ({ closedAt }) => closedAt !== null);
    return id;
  };
  const letGo = (id: string) => drill.untilHandoff(id, 'is let go', ({ rounds }) => rounds[0]?.evidence?.removedAt !== undefined);

  it('the oldest evidence goes, told and journaled before it is gone; what is open stays, and what was approved last', async () => {
    await drill.open();
    await drill.agents();
    const first = await approved('export const shop = 1;\n');
    const open = await drill.assign(FRONTEND);
    drill.exitWith(1);
    await drill.did('ready', { instance: FRONTEND });
    await drill.untilHandoff(open, 'is denied', ({ phase }) => phase === 'FAILED');
    drill.exitWith(0);
    const second = await approved('export const shop = 2;\n');

    const gone = (await letGo(first)).rounds[0]?.evidence;
    await until('its directory to be gone', () => !existsSync(join(drill.workspace, gone?.path ?? '.')));
    expect((await drill.coordtui('timeline')).stdout).toContain('1 bundle of evidence went');
    const again = await drill.coordtui('verify', '--handoff', first, '--again');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('is no longer kept')]);

    // Looked at once more, with one more approved: now the second may go, the open one still not.
    const third = await approved('export const shop = 3;\n');
    await letGo(second);
    for (const id of [open, third]) {
      const sealed = (await drill.handoffs()).find((one) => one.id === id)?.rounds[0]?.evidence;
      expect(sealed).toBeDefined();
      expect(sealed).not.toHaveProperty('removedAt');
      expect(existsSync(join(drill.workspace, sealed?.path ?? 'nowhere', 'bundle.json'))).toBe(true);
    }

    // A room that is killed comes back to the same, and goes on letting go.
    await drill.kill();
    await drill.open();
    const fourth = await approved('export const shop = 4;\n');
    await letGo(third);
    expect(existsSync(evidence(fourth))).toBe(true);
    expect(existsSync(evidence(open))).toBe(true);
  });
});
