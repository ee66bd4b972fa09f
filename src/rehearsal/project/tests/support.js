import { once } from 'node:events';
import { openDatabase } from '../backend/db.js';
import { createShop } from '../backend/server.js';
import { createShopApi } from '../client/shop-api.js';

/** A shop of its own for one test, on a free port, with an empty database in memory. */
export async function startShop() {
  const server = createShop(openDatabase());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = createShopApi(`http://127.0.0.1:${server.address().port}`);
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { api, stop };
}
