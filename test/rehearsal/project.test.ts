import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const rehearsal = fileURLToPath(new URL('../../src/rehearsal', import.meta.url));
let shop: string;
beforeEach(() => {
  shop = mkdtempSync(path.join(tmpdir(), 'shop-'));
  cpSync(path.join(rehearsal, 'project'), shop, { recursive: true });
});
afterEach(() => rmSync(shop, { recursive: true, force: true }));

function add(work: string): void {
  cpSync(path.join(rehearsal, 'agents', 'pieces', work), shop, { recursive: true });
}

function edit(file: string, find: string, replace: string): void {
  const full = path.join(shop, file);
  const text = readFileSync(full, 'utf8');
  if (!text.includes(find)) throw new Error(`${file} does not hold ${find}`);
  writeFileSync(full, text.replace(find, replace));
}

type Report = { success: boolean; violations: { type: string; severity: string; file?: string; line?: number }[] };

function check(name: 'schema' | 'contracts'): { code: number | null; report: Report | null } {
  const file = path.join(shop, 'report.json');
  rmSync(file, { force: true });
  const { status } = spawnSync(process.execPath, [`scripts/check-${name}.mjs`], {
    cwd: shop,
    env: { ...process.env, COORDTUI_REPORT: file },
  });
  try {
    return { code: status, report: JSON.parse(readFileSync(file, 'utf8')) as Report };
  } catch {
    return { code: status, report: null };
  }
}

/** Number of failed tests, out of how many. */
function unit(): { code: number | null; tests: number; failed: number } {
  // A test runner that is told that it runs inside of another one reports differently.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap'], { cwd: shop, env, encoding: 'utf8' });
  const count = (name: string): number => Number(new RegExp(`^# ${name} (\\d+)`, 'm').exec(stdout)?.[1]);
  return { code: status, tests: count('tests'), failed: count('fail') };
}

describe('the sample project', () => {
  test.each([
    ['as it is', [], 5],
    ['with the orders', ['orders-backend'], 7],
    ['with the order form', ['orders-backend', 'orders-frontend'], 8],
  ])('%s: tests and checks are green', (_title, works, tests) => {
    for (const work of works) add(work);
    expect(unit()).toEqual({ code: 0, tests, failed: 0 });
    expect(check('schema')).toMatchObject({ code: 0, report: { success: true, violations: [] } });
    expect(check('contracts')).toMatchObject({ code: 0, report: { success: true, violations: [] } });
  });

  test('the nightly report runs', () => {
    add('orders-backend');
    add('nightly-report');
    expect(execFileSync('sh', ['ops/nightly-report.sh'], { cwd: shop, encoding: 'utf8' })).toContain('index');
  });
});

describe('planted faults', () => {
  test('a forgotten handler is CRITICAL, with the line that calls it, and no test notices', () => {
    add('orders-backend');
    edit('backend/routes/index.js', ', ...orderRoutes', '');
    const { code, report } = check('contracts');
    expect(code).toBe(1);
    expect(report?.success).toBe(false);
    expect(report?.violations).toEqual([
      expect.objectContaining({ type: 'missing-handler', severity: 'CRITICAL', file: 'client/shop-api.js', line: expect.any(Number) }),
      expect.objectContaining({ type: 'missing-handler', severity: 'CRITICAL', file: 'client/shop-api.js' }),
    ]);
    const line = readFileSync(path.join(shop, 'client/shop-api.js'), 'utf8').split('\n')[(report?.violations[0]?.line ?? 0) - 1];
    expect(line).toContain("'/api/orders'");
    expect(unit()).toMatchObject({ code: 0, failed: 0 });
  });

  test.each([
    ['a column without a migration', 'customer TEXT NOT NULL', 'buyer TEXT NOT NULL', 'schema-column-missing', 1],
    ['a column that may be empty', 'quantity INTEGER NOT NULL', 'quantity INTEGER', 'schema-type', 1],
    ['a missing index', 'CREATE INDEX orders_by_product ON orders (product_id);', '', 'index-missing', 1],
  ])('%s is found', (_title, find, replace, type, expected) => {
    add('orders-backend');
    edit('backend/migrations/002-orders.sql', find, replace);
    const { code, report } = check('schema');
    expect(code).toBe(expected);
    expect(report?.violations.map((violation) => violation.type)).toContain(type);
  });

  test('a model without a table', () => {
    edit('backend/models.js', 'products:', "orders: { id: 'INTEGER' },\n  products:");
    expect(check('schema').report?.violations).toEqual([expect.objectContaining({ type: 'schema-table-missing', severity: 'CRITICAL' })]);
  });

  test('a handler that fails is HIGH', () => {
    add('orders-backend');
    edit('backend/routes/orders.js', "db.all('orders')", "db.all('odrers')");
    expect(check('contracts').report?.violations).toEqual([expect.objectContaining({ type: 'handler-fails', severity: 'HIGH' })]);
  });

  test('a broken test fails', () => {
    edit('frontend/html.js', '.toFixed(2)', '.toFixed(1)');
    expect(unit()).toMatchObject({ code: 1, failed: 1 });
  });

  test('a migration that cannot be read: the check says that it could not be carried out', () => {
    edit('backend/migrations/001-products.sql', 'CREATE TABLE', 'MAKE TABLE');
    expect(check('schema')).toEqual({ code: 2, report: null });
    expect(check('contracts')).toEqual({ code: 2, report: null });
  });
});
