/** Zod's schemas as they are written, so that zod itself need not be installed. */
import { Node } from 'ts-morph';
import { meaningOf } from './resolve.ts';

export type SchemaField = {
  readonly name: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'array' | 'object' | 'any';
  readonly optional: boolean;
};

const KINDS: Readonly<Record<string, SchemaField['kind']>> = {
  string: 'text',
  email: 'text',
  uuid: 'text',
  url: 'text',
  number: 'number',
  int: 'number',
  boolean: 'boolean',
  array: 'array',
  object: 'object',
};

/** null: no object, or one that cannot be seen whole. */
export function readSchema(node: Node): readonly SchemaField[] | null {
  const value = meaningOf(node);
  if (!Node.isCallExpression(value)) return null;
  const callee = value.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return null;
  const word = callee.getName();
  const [argument] = value.getArguments();
  if (['strict', 'passthrough', 'describe', 'readonly', 'brand', 'strip'].includes(word)) return readSchema(callee.getExpression());
  if (word === 'partial') return readSchema(callee.getExpression())?.map((field) => ({ ...field, optional: true })) ?? null;
  if (word === 'extend' && argument !== undefined) {
    const [base, more] = [readSchema(callee.getExpression()), fieldsOf(meaningOf(argument))];
    return base === null || more === null ? null : [...base.filter((one) => !more.some((other) => other.name === one.name)), ...more];
  }
  if (!['object', 'strictObject', 'looseObject'].includes(word) || argument === undefined) return null;
  return fieldsOf(meaningOf(argument));
}

function fieldsOf(object: Node): SchemaField[] | null {
  if (!Node.isObjectLiteralExpression(object)) return null;
  const fields: SchemaField[] = [];
  for (const property of object.getProperties()) {
    if (!Node.isPropertyAssignment(property)) return null;
    const text = property.getInitializer()?.getText() ?? '';
    const first = /^z(?:\.coerce)?\.(\w+)\(/.exec(text)?.[1] ?? '';
    const optional = /\.(?:optional|nullish|default|catch)\(/.test(text) || /^z\.(?:any|unknown|optional)\(/.test(text);
    const isPlain = !/\.(?:transform|pipe|or|nullable)\(|coerce/.test(text);
    fields.push({ name: property.getName().replace(/^['"]|['"]$/g, ''), kind: isPlain ? (KINDS[first] ?? 'any') : 'any', optional });
  }
  return fields;
}
