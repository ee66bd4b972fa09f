import { isObject, type Json, type JsonObject } from '../core/tree.ts';

/** What a foreign document may measure; beyond it nobody looks at its content. */
export const MAX_BYTES = 32 * 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_FIELDS = 500_000;
const TOO_DEEP = `it is nested deeper than ${MAX_DEPTH}`;
const TOO_MANY = `it has more than ${MAX_FIELDS} fields`;

/** Up to here a document may be parsed before it is measured; beyond it, parsing itself could eat the memory. */
const SMALL_BYTES = 64 * 1024;

/** Parses bytes that anybody may have written. The issue is a clause that a person reads. */
export function parseDocument(bytes: Buffer): { readonly document: JsonObject } | { readonly issue: string } {
  if (bytes.length > MAX_BYTES) return { issue: `${bytes.length} bytes are more than ${MAX_BYTES}` };
  if (bytes.length === 0) return { issue: 'the file is empty' };
  const outsize = bytes.length > SMALL_BYTES ? beyondBeforeParsing(bytes) : null;
  if (outsize !== null) return { issue: outsize };
  let parsed: Json;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch (error) {
    return { issue: whyNoJson(bytes, (error as Error).message) };
  }
  if (!isObject(parsed)) return { issue: 'its root is no JSON object' };
  const beyond = beyondLimits(parsed);
  if (beyond !== null) return { issue: beyond };
  const instances = Object.hasOwn(parsed, 'instances') ? parsed['instances'] : undefined;
  if (instances !== undefined && !isObject(instances)) return { issue: '"instances" is no JSON object' };
  return { document: parsed };
}

/** The reason with its line, which the runtime tells as a position, in one version so and in another so, or not at all. */
function whyNoJson(bytes: Buffer, message: string): string {
  const text = bytes.toString('utf8');
  const bad = text.indexOf('\ufffd');
  const reason = message.replace(/ ?\(line \d+ column \d+\)/, '').slice(0, 200);
  const at = bad >= 0 ? bad : Number(/ at position (\d+)/.exec(message)?.[1] ?? firstFault(text));
  const before = text.slice(0, at);
  return `no JSON: line ${before.split('\n').length}, column ${at - before.lastIndexOf('\n')}: ${reason}`;
}

/** Some runtimes do not say where: a beginning that only ends too soon lies before the fault, any other behind it. */
function firstFault(text: string): number {
  if (text.length > SMALL_BYTES) return text.length;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (endsTooSoon(text.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function endsTooSoon(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    return /Unexpected end|Unterminated/.test(message) || Number(/ at position (\d+)/.exec(message)?.[1] ?? 0) >= text.length;
  }
}

/** Walks with a list of its own: a document nested 5,000 deep must not overflow our stack. */
export function beyondLimits(root: Json, depthAbove = 0): string | null {
  const waiting: { value: Json; depth: number }[] = [{ value: root, depth: depthAbove }];
  let fields = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) return TOO_DEEP;
    const children: readonly (Json | undefined)[] = Array.isArray(value) ? value : Object.values(value);
    fields += children.length;
    if (fields > MAX_FIELDS) return TOO_MANY;
    for (const child of children) if (typeof child === 'object' && child !== null) waiting.push({ value: child, depth: depth + 1 });
  }
  return null;
}

/** Depth and commas outside strings, in one pass over the bytes; a document without fault can only have more fields than commas. */
function beyondBeforeParsing(bytes: Buffer): string | null {
  let depth = 0;
  let commas = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x2c) commas += 1;
    else if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (depth > MAX_DEPTH) return TOO_DEEP;
    if (commas > MAX_FIELDS) return TOO_MANY;
  }
  return null;
}
