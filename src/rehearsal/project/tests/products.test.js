import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderPage } from '../frontend/page.js';
import { startShop } from './support.js';

test('a product that was added is listed', async () => {
  const { api, stop } = await startShop();
  try {
    const added = await api.addProduct({ name: 'Teapot', price_cents: 1999 });
    assert.deepEqual(await api.listProducts(), [added]);
    assert.equal(added.id, 1);
  } finally {
    await stop();
  }
});

test('a product without a name or with a broken price is refused', async () => {
  const { api, stop } = await startShop();
  try {
    await assert.rejects(api.addProduct({ price_cents: 1 }), /needs a name/);
    await assert.rejects(api.addProduct({ name: 'Cup', price_cents: 0.5 }), /whole cents/);
  } finally {
    await stop();
  }
});

test('the page shows names as text', async () => {
  const { api, stop } = await startShop();
  try {
    assert.match(await renderPage(api), /Nothing to sell yet/);
    await api.addProduct({ name: '<b>Cup & saucer</b>', price_cents: 500 });
    const page = await renderPage(api);
    assert.match(page, /&lt;b&gt;Cup &amp; saucer/);
    assert.match(page, /5\.00 €/);
  } finally {
    await stop();
  }
});
