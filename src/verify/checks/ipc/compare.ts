/** One call against the handlers that may answer it. */

import type { Type } from 'ts-morph';
import { counted } from '../../../core/counted.ts';
import type { Finding } from '../finding.ts';
import type { Call, Handler } from './model.ts';
import { difference, namesOf, type Travel } from './shape.ts';
import { shown } from './text.ts';

export function contractFindings(call: Call, handler: Handler): Finding[] {
  const travel: Travel = call.carrier === 'http' || call.carrier === 'procedure' ? 'json' : 'clone';
  const what = `${call.method === null || call.carrier !== 'http' ? '' : `${call.method} `}${shown(call.name)}`;
  const where = `${handler.place.file}:${handler.place.line}`;
  return [
    ...responses(call, handler, travel, what, where),
    ...bodies(call, handler, travel, what, where),
    ...positions(call, handler, travel, what, where),
  ];
}

function mismatch(type: 'response-mismatch' | 'argument-mismatch', call: Call, description: string, hint: string): Finding {
  return { type, severity: 'HIGH', description, hint, ...call.place };
}

/** A handler has several good answers where it has several: only when none of them serves is something wrong. */
function responses(call: Call, handler: Handler, travel: Travel, what: string, where: string): Finding[] {
  const { wants } = call;
  if (wants === null || handler.gives.length === 0) return [];
  const differences = handler.gives.map((given) => difference(given.type, wants.type, wants.at, travel));
  const first = differences.find((one) => one !== null);
  if (first == null || differences.some((one) => one === null)) return [];
  return [
    mismatch(
      'response-mismatch',
      call,
      `the answer of ${what} is not what is expected here: ${first}`,
      `bring the two together; the handler stands in ${where}`,
    ),
  ];
}

function bodies(call: Call, handler: Handler, travel: Travel, what: string, where: string): Finding[] {
  const { sends } = call;
  const repair = `bring the two together; the handler stands in ${where}`;
  const names = sends === null ? null : namesOf(sends.type);
  const needed = handler.schema?.filter((field) => !field.optional).map((field) => field.name) ?? null;
  if (sends === null) return [];
  if (handler.wants !== null) {
    const found = difference(sends.type, handler.wants.type, sends.at, travel);
    return found === null ? [] : [mismatch('argument-mismatch', call, `what is sent to ${what} is not what it expects: ${found}`, repair)];
  }
  if (names === null) return [];
  const missing = needed?.filter((name) => !names.includes(name)) ?? [];
  if (missing.length > 0) return [mismatch('argument-mismatch', call, `what is sent to ${what} lacks ${missing.join(', ')}`, repair)];
  const wrong = handler.schema?.find((field) => kindDiffers(field.kind, sends.type.getProperty(field.name)?.getTypeAtLocation(sends.at)));
  if (wrong !== undefined)
    return [
      mismatch('argument-mismatch', call, `${wrong.name} is sent to ${what} as another kind of value: ${wrong.kind} is expected`, repair),
    ];
  // Names taken out of an untyped body: only where one lacks what the other has is it more than an option left out.
  const untaken = handler.takes === null ? [] : names.filter((name) => !handler.takes?.includes(name));
  const unsent = handler.takes?.filter((name) => !names.includes(name)) ?? [];
  if (unsent.length > 0 && untaken.length > 0)
    return [mismatch('argument-mismatch', call, `${what} reads ${unsent.join(', ')}, and ${untaken.join(', ')} is sent`, repair)];
  return [];
}

function kindDiffers(kind: string, type: Type | undefined): boolean {
  if (type === undefined || kind === 'any' || kind === 'object') return false;
  const real = type.getNonNullableType();
  if (kind === 'text') return real.isNumber() || real.isNumberLiteral() || real.isBoolean();
  if (kind === 'number') return real.isString() || real.isStringLiteral() || real.isBoolean();
  if (kind === 'boolean') return real.isString() || real.isStringLiteral() || real.isNumber() || real.isNumberLiteral();
  return real.isString() || real.isNumber() || real.isBoolean();
}

function positions(call: Call, handler: Handler, travel: Travel, what: string, where: string): Finding[] {
  const { parameters } = handler;
  if (parameters === null || call.arguments === null) return [];
  const repair = `bring the two together; the handler stands in ${where}`;
  const needed = parameters.filter((one) => one.required).length;
  const given = call.arguments.length;
  if (given < needed)
    return [
      mismatch('argument-mismatch', call, `${what} is called with ${counted(given, 'argument')}, and its handler needs ${needed}`, repair),
    ];
  if (given > parameters.length)
    return [
      mismatch(
        'argument-mismatch',
        call,
        `${what} is called with ${counted(given, 'argument')}, and its handler takes ${parameters.length}`,
        repair,
      ),
    ];
  return call.arguments.flatMap((argument, index) => {
    const parameter = parameters[index];
    const found = parameter === undefined ? null : difference(argument.type, parameter.type, argument.at, travel);
    return found === null
      ? []
      : [mismatch('argument-mismatch', call, `argument ${index + 1} of ${what} is not what its handler expects: ${found}`, repair)];
  });
}
