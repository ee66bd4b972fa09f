const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that may stand in a page. */
export function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** 1999 → "19.99 €" */
export function formatPrice(cents) {
  return `${(cents / 100).toFixed(2)} €`;
}
