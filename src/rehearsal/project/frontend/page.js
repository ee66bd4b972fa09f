/** The shop's one page, rendered from what the back end answers. */
import { renderProductList } from './product-list.js';

export async function renderPage(api) {
  const products = await api.listProducts();
  return ['<main>', '<h1>Shop</h1>', renderProductList(products), '</main>'].join('\n');
}
