/** Every route that the server answers. */
import { orderRoutes } from './orders.js';
import { productRoutes } from './products.js';

export const routes = [...productRoutes, ...orderRoutes];
