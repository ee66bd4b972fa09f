export const productRoutes = [
  { method: 'GET', path: '/api/products', handle: ({ db }) => ({ status: 200, body: db.all('products') }) },
  {
    method: 'POST',
    path: '/api/products',
    handle({ db, body }) {
      if (typeof body.name !== 'string' || body.name === '') return { status: 400, body: { error: 'a product needs a name' } };
      if (!Number.isInteger(body.price_cents) || body.price_cents < 0) return { status: 400, body: { error: 'a price is whole cents' } };
      return { status: 201, body: db.insert('products', body) };
    },
  },
];
