import { isObject, type Json, type JsonObject } from '../core/tree.ts';

/** What a foreign document may measure; beyond it nobody looks at its content. */
export const MAX_BYTES = 32 * 1024 * 1024;
export const MAX_DEPTH = 64;
export const MAX_FIELDS = 500_000;

/** Parses bytes that anybody may have written. The issue is a clause that a person reads. */
export function parseDocument(bytes: Buffer): { readonly document: JsonObject } | { readonly issue: string } {
  if (bytes.length > MAX_BYTES) return { issue: `${bytes.length} bytes are more than ${MAX_BYTES}` };
  if (bytes.length === 0) return { issue: 'the file is empty' };
  let parsed: Json;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch (error) {
    return { issue: `no JSON: ${(error as Error).message.slice(0, 200)}` };
  }
  if (!isObject(parsed)) return { issue: 'its root is no JSON object' };
  const beyond = beyondLimits(parsed);
  if (beyond !== null) return { issue: beyond };
  const instances = Object.hasOwn(parsed, 'instances') ? parsed['instances'] : undefined;
  if (instances !== undefined && !isObject(instances)) return { issue: '"instances" is no JSON object' };
  return { document: parsed };
}

/** Walks with a list of its own: a document nested 5,000 deep must not overflow our stack. */
export function beyondLimits(root: Json, depthAbove = 0): string | null {
  const waiting: { value: Json; depth: number }[] = [{ value: root, depth: depthAbove }];
  let fields = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH}`;
    const children: readonly (Json | undefined)[] = Array.isArray(value) ? value : Object.values(value);
    fields += children.length;
    if (fields > MAX_FIELDS) return `it has more than ${MAX_FIELDS} fields`;
    for (const child of children) if (typeof child === 'object' && child !== null) waiting.push({ value: child, depth: depth + 1 });
  }
  return null;
}
