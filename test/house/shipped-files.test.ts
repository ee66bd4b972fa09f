import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freshDocument } from '../../src/core/status-document.ts';
import { defaultConfig } from '../../src/workspace/config.ts';
import { STATUS_README } from '../../src/workspace/pages.ts';

const root = join(import.meta.dirname, '../..');

describe('files that stand in the repository say what the program would write', () => {
  test('status/README.md is the page that init writes', () => {
    expect(readFileSync(join(root, 'status/README.md'), 'utf8')).toBe(STATUS_README);
  });

  test('status/multi-instance-status.json is a fresh document of the default instances', () => {
    const shipped: unknown = JSON.parse(readFileSync(join(root, 'status/multi-instance-status.json'), 'utf8'));
    const fresh = freshDocument(defaultConfig({ shell: undefined }), {
      sessionId: 'session-project-20260101',
      at: '2026-01-01T00:00:00.000Z',
    });
    expect(shipped).toEqual(fresh);
  });
});
