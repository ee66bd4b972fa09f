/** Every route that the server answers. */
import { productRoutes } from './products.js';

export const routes = [...productRoutes];
