import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../backend/db.js';
import { orderRoutes } from '../backend/routes/orders.js';

const [list, place] = orderRoutes;

test('an order is kept and priced', () => {
  const db = openDatabase();
  const product = db.insert('products', { name: 'Teapot', price_cents: 1999 });
  const placed = place.handle({ db, body: { product_id: product.id, quantity: 2, customer: 'Ada' } });
  assert.equal(placed.status, 201);
  assert.equal(placed.body.total_cents, 3998);
  assert.deepEqual(list.handle({ db }).body, [placed.body]);
});

test('an order for nothing, of nothing or by nobody is refused', () => {
  const db = openDatabase();
  const { id } = db.insert('products', { name: 'Cup', price_cents: 500 });
  for (const body of [
    { product_id: 9, quantity: 1, customer: 'Ada' },
    { product_id: id, quantity: 0, customer: 'Ada' },
    { product_id: id, quantity: 1, customer: '' },
  ]) {
    assert.equal(place.handle({ db, body }).status, 400);
  }
  assert.deepEqual(db.all('orders'), []);
});
