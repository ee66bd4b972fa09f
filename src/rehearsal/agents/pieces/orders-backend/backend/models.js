/** What the code expects of each table. A question mark: the column may be empty. */
export const models = {
  products: { id: 'INTEGER', name: 'TEXT', price_cents: 'INTEGER', description: 'TEXT?' },
  orders: { id: 'INTEGER', product_id: 'INTEGER', quantity: 'INTEGER', customer: 'TEXT' },
};
