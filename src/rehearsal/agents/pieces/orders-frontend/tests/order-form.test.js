import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOrderForm } from '../frontend/order-form.js';
import { renderPage } from '../frontend/page.js';
import { startShop } from './support.js';

test('what the form says becomes an order on the page', async () => {
  const { api, stop } = await startShop();
  try {
    const product = await api.addProduct({ name: 'Tea & pot', price_cents: 1999 });
    assert.match(await renderPage(api), /No orders yet/);
    await api.placeOrder(readOrderForm({ product_id: String(product.id), quantity: '2', customer: ' <Ada> ' }));
    const page = await renderPage(api);
    assert.match(page, /<option value="1">Tea &amp; pot<\/option>/);
    assert.match(page, /&lt;Ada&gt;: 2 for 39\.98 €/);
  } finally {
    await stop();
  }
});
