import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../backend/db.js';

test('rows survive a restart, and ids go on', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'shop-'));
  try {
    const file = path.join(directory, 'data', 'shop.json');
    openDatabase(file).insert('products', { name: 'Cup', price_cents: 500 });
    const again = openDatabase(file);
    assert.equal(again.insert('products', { name: 'Pot', price_cents: 1 }).id, 2);
    assert.deepEqual(
      again.all('products').map(({ name }) => name),
      ['Cup', 'Pot'],
    );
    assert.equal(again.find('products', 7), null);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a column that must not be empty is asked for', () => {
  assert.throws(() => openDatabase().insert('products', { name: 'Cup' }), /products\.price_cents must not be empty/);
});
