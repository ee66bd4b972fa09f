export const orderRoutes = [
  { method: 'GET', path: '/api/orders', handle: ({ db }) => ({ status: 200, body: db.all('orders').map((order) => priced(db, order)) }) },
  {
    method: 'POST',
    path: '/api/orders',
    handle({ db, body }) {
      if (!db.find('products', body.product_id)) return { status: 400, body: { error: 'there is no such product' } };
      if (!Number.isInteger(body.quantity) || body.quantity < 1) return { status: 400, body: { error: 'order at least one' } };
      if (typeof body.customer !== 'string' || body.customer === '') return { status: 400, body: { error: 'an order needs a customer' } };
      return { status: 201, body: priced(db, db.insert('orders', body)) };
    },
  },
];

function priced(db, order) {
  return { ...order, total_cents: db.find('products', order.product_id).price_cents * order.quantity };
}
