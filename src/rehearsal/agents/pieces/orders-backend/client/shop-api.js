/** The calls that the back end offers to the front end. */
export function createShopApi(baseUrl, fetchImpl = fetch) {
  const call = async (method, path, body) => {
    const response = await fetchImpl(new URL(path, baseUrl), {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  };
  return {
    listProducts: () => call('GET', '/api/products'),
    addProduct: (product) => call('POST', '/api/products', product),
    listOrders: () => call('GET', '/api/orders'),
    placeOrder: (order) => call('POST', '/api/orders', order),
  };
}
