import { escapeHtml, formatPrice } from './html.js';

/** The form by which a customer orders one of these products. */
export function renderOrderForm(products) {
  const options = products.map(({ id, name }) => `    <option value="${Number(id)}">${escapeHtml(name)}</option>`);
  return [
    '<form class="order" method="post">',
    '  <select name="product_id" required>',
    ...options,
    '  </select>',
    '  <input name="quantity" type="number" min="1" value="1" required>',
    '  <input name="customer" required>',
    '  <button>Order</button>',
    '</form>',
  ].join('\n');
}

/** What was typed into the form, as the back end wants it. */
export function readOrderForm(fields) {
  return { product_id: Number(fields.product_id), quantity: Number(fields.quantity), customer: String(fields.customer).trim() };
}

export function renderOrders(orders) {
  if (orders.length === 0) return '<p>No orders yet.</p>';
  const items = orders.map(
    ({ quantity, customer, total_cents }) => `  <li>${escapeHtml(customer)}: ${Number(quantity)} for ${formatPrice(total_cents)}</li>`,
  );
  return ['<ul class="orders">', ...items, '</ul>'].join('\n');
}
