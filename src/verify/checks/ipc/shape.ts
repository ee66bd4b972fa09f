/** Two types as what travels between them: what one side gives must hold what the other side wants. */
import { Node, type Type } from 'ts-morph';

/** Over HTTP a Date becomes a text; a structured clone keeps it. */
export type Travel = 'json' | 'clone';

const MAX_DEPTH = 5;
const PROMISE = /^Promise(?:Like)?$/;

export function awaited(type: Type): Type {
  const name = type.getSymbol()?.getName() ?? '';
  const [inner] = type.getTypeArguments();
  return PROMISE.test(name) && inner !== undefined ? awaited(inner) : type;
}

/** Says nothing that could be compared. */
export function isVague(type: Type): boolean {
  return (
    type.isAny() ||
    type.isUnknown() ||
    type.isTypeParameter() ||
    type.isNever() ||
    (type.isObject() && type.getText() === '{}') ||
    type.getText() === 'object'
  );
}

/** The first place where they part, in words; null when the giver's type serves. */
export function difference(gives: Type, wants: Type, at: Node, travel: Travel, path = '', depth = 0): string | null {
  const [given, wanted] = [awaited(gives), awaited(wants)];
  if (depth > MAX_DEPTH || isVague(given) || isVague(wanted) || given === wanted) return null;
  if (wanted.isVoid() || wanted.isUndefined()) return null;
  const here = path === '' ? 'it' : path;
  const [absent, sure] = parted(given);
  const [mayBeAbsent, options] = parted(wanted);
  if (sure.length === 0 && absent.length > 0)
    return mayBeAbsent.length > 0 || given.isVoid() ? null : `${here} is ${given.getText()}, and ${brief(wanted)} is expected`;
  if (absent.some((one) => one.isNull()) && mayBeAbsent.length === 0) return `${here} may be null, and the other side does not expect that`;
  if (absent.some((one) => one.isUndefined()) && mayBeAbsent.length === 0 && path !== '')
    return `${here} may be absent, and the other side does not expect that`;
  for (const one of sure) {
    const parts = options.map((option) => onePart(one, option, at, travel, path, depth));
    if (parts.length > 0 && parts.every((part) => part !== null)) return parts.find((part) => part !== null) ?? null;
  }
  return null;
}

function parted(type: Type): [Type[], Type[]] {
  const parts = type.isUnion() && !type.isBoolean() ? type.getUnionTypes() : [type];
  const isAbsent = (part: Type) => part.isNull() || part.isUndefined() || part.isVoid();
  return [parts.filter(isAbsent), parts.filter((part) => !isAbsent(part))];
}

function onePart(given: Type, wanted: Type, at: Node, travel: Travel, path: string, depth: number): string | null {
  if (isVague(given) || isVague(wanted)) return null;
  const [mine, yours] = [kindOf(given, travel), kindOf(wanted, travel)];
  const here = path === '' ? 'it' : path;
  if (mine === 'other' || yours === 'other') return null;
  if (mine !== yours) return `${here} is ${brief(given)}, and ${brief(wanted)} is expected`;
  if (mine === 'array') {
    const [item, expected] = [
      given.getArrayElementType() ?? given.getTypeArguments()[0],
      wanted.getArrayElementType() ?? wanted.getTypeArguments()[0],
    ];
    return item === undefined || expected === undefined ? null : difference(item, expected, at, travel, `${path}[]`, depth + 1);
  }
  if (mine === 'object') return objects(given, wanted, at, travel, path, depth);
  const [one, other] = [given.getLiteralValue(), wanted.getLiteralValue()];
  return one !== undefined && other !== undefined && one !== other
    ? `${here} may be ${brief(given)}, which the other side does not know`
    : null;
}

function objects(given: Type, wanted: Type, at: Node, travel: Travel, path: string, depth: number): string | null {
  if (given.getStringIndexType() !== undefined) return null;
  for (const property of wanted.getProperties()) {
    const name = property.getName();
    const type = property.getTypeAtLocation(at);
    // Functions do not travel.
    if (type.getCallSignatures().length > 0) continue;
    const there = given.getProperty(name);
    const below = path === '' ? name : `${path}.${name}`;
    if (there === undefined) {
      if (property.isOptional() || parted(type)[0].some((one) => one.isUndefined())) continue;
      const has = given.getProperties().map((one) => one.getName());
      return `${below} is expected, and only ${has.slice(0, 8).join(', ') || 'nothing'} is given`;
    }
    const mayBeAbsent = there.isOptional() && !property.isOptional() && !parted(type)[0].some((one) => one.isUndefined());
    if (mayBeAbsent) return `${below} may be absent, and the other side does not expect that`;
    const deeper = difference(there.getTypeAtLocation(at), type, at, travel, below, depth + 1);
    if (deeper !== null) return deeper;
  }
  return null;
}

function kindOf(type: Type, travel: Travel): string {
  if (type.isString() || type.isStringLiteral() || type.isTemplateLiteral()) return 'text';
  if (type.isNumber() || type.isNumberLiteral()) return 'number';
  if (type.isBoolean() || type.isBooleanLiteral()) return 'boolean';
  if (type.isEnumLiteral() || type.isEnum()) return typeof type.getLiteralValue() === 'string' ? 'text' : 'other';
  if (type.isArray() || type.isReadonlyArray()) return 'array';
  const name = type.getSymbol()?.getName() ?? '';
  if (name === 'Date') return travel === 'json' ? 'text' : 'date';
  if (
    /^(?:Map|Set|Buffer|Uint8Array|ArrayBuffer|Blob|File|FormData|URLSearchParams|ReadableStream|Response|Decimal|Big|BigNumber)$/.test(
      name,
    )
  )
    return 'other';
  if (
    type.isIntersection() ||
    type.isTuple() ||
    type.isBigInt() ||
    type.getProperty('toJSON') !== undefined ||
    type.getCallSignatures().length > 0
  )
    return 'other';
  return type.isObject() ? 'object' : 'other';
}

function brief(type: Type): string {
  const text = type.getText(undefined).replace(/import\("[^"]*"\)\./g, '');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The names that an object surely has. */
export function namesOf(type: Type): string[] | null {
  const real = awaited(type);
  return isVague(real) || !real.isObject() || real.getStringIndexType() !== undefined
    ? null
    : real.getProperties().map((one) => one.getName());
}

export function typeArgument(call: Node, index = 0): Type | null {
  if (!Node.isCallExpression(call)) return null;
  return call.getTypeArguments()[index]?.getType() ?? null;
}
