import { escapeHtml, formatPrice } from './html.js';

export function renderProductList(products) {
  if (products.length === 0) return '<p>Nothing to sell yet.</p>';
  const items = products.map(({ name, price_cents }) => `  <li>${escapeHtml(name)} <b>${formatPrice(price_cents)}</b></li>`);
  return ['<ul class="products">', ...items, '</ul>'].join('\n');
}
