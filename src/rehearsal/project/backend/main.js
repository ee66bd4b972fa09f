import { openDatabase } from './db.js';
import { createShop } from './server.js';

const port = Number(process.env.PORT ?? 8080);
createShop(openDatabase('data/shop.json')).listen(port, '127.0.0.1', () => console.log(`shop: http://127.0.0.1:${port}/api/products`));
