-- Who ordered what. One order is one product, as often as wanted.
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products(id),
  quantity INTEGER NOT NULL,
  customer TEXT NOT NULL
);
CREATE INDEX orders_by_product ON orders (product_id);
