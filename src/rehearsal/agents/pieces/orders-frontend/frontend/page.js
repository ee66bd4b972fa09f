/** The shop's one page, rendered from what the back end answers. */
import { renderOrderForm, renderOrders } from './order-form.js';
import { renderProductList } from './product-list.js';

export async function renderPage(api) {
  const [products, orders] = await Promise.all([api.listProducts(), api.listOrders()]);
  return ['<main>', '<h1>Shop</h1>', renderProductList(products), renderOrderForm(products), renderOrders(orders), '</main>'].join('\n');
}
