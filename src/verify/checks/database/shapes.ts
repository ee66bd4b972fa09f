/** Interfaces and types of the project: their fields, and what values these admit. */
import { type InterfaceDeclaration, Node, type Type, type TypeAliasDeclaration, type TypeNode } from 'ts-morph';
import { type Code, placeOf } from '../code.ts';
import { isTestFile } from '../project-files.ts';
import type { Place } from '../sql/schema.ts';

export type Kind = 'string' | 'number' | 'boolean' | 'bigint' | 'date' | 'bytes' | 'decimal' | 'array' | 'object' | 'any';

export type Field = {
  readonly name: string;
  readonly kinds: ReadonlySet<Kind>;
  /** The literals of a union, where it is one; null: any value of its kind. */
  readonly values: readonly string[] | null;
  readonly optional: boolean;
  readonly admitsNull: boolean;
  /** As it is written. */
  readonly text: string;
  /** Name of the type that a field of another shape has. */
  readonly refers: string | null;
  readonly place: Place;
};

export type Shape = {
  readonly name: string;
  readonly fields: readonly Field[] /** `@table orders` in its comment. */;
  readonly table: string | null;
  readonly place: Place;
};

export function shapesOf(code: Code): Shape[] {
  return code.files
    .filter((file) => !isTestFile(code.pathOf(file)))
    .flatMap((file) => [...file.getInterfaces(), ...file.getTypeAliases()])
    .filter(
      (declaration) =>
        declaration.getTypeParameters().length === 0 &&
        (Node.isInterfaceDeclaration(declaration) || isObjectNode(declaration.getTypeNode())),
    )
    .map((declaration) => shapeOf(code, declaration));
}

function isObjectNode(written: TypeNode | undefined): boolean {
  return Node.isTypeLiteral(written) || (Node.isIntersectionTypeNode(written) && written.getTypeNodes().some(isObjectNode));
}

function shapeOf(code: Code, declaration: InterfaceDeclaration | TypeAliasDeclaration): Shape {
  const comment = declaration
    .getJsDocs()
    .map((doc) => doc.getText())
    .join(' ');
  return {
    name: declaration.getName(),
    table: /@table\s+["'`]?([\w.]+)/.exec(comment)?.[1] ?? null,
    place: placeOf(code, declaration),
    fields: declaration
      .getType()
      .getProperties()
      .flatMap((property) => {
        const [at] = property.getDeclarations();
        if (!Node.isPropertySignature(at)) return [];
        const written = unwrapped(at.getTypeNode());
        const type = written?.getType() ?? at.getType();
        const kinds = new Set<Kind>();
        const values: string[] = [];
        const hasNull = collect(type, kinds, values, 0);
        return [
          {
            name: property.getName(),
            kinds,
            values: values.length > 0 && kinds.size === 1 && kinds.has('string') && !values.includes('*') ? values : null,
            optional: at.hasQuestionToken() || hasNull.undefined,
            admitsNull: hasNull.null,
            text: (written ?? at).getText().slice(0, 80),
            refers: Node.isTypeReference(written) ? written.getTypeName().getText() : null,
            place: placeOf(code, at),
          },
        ];
      }),
  };
}

/** Kysely's `Generated<number>` and `ColumnType<Date, string>` are read as what a query gives. */
function unwrapped(written: TypeNode | undefined): TypeNode | undefined {
  if (!Node.isTypeReference(written)) return written;
  const name = written.getTypeName().getText();
  const wraps = name === 'Generated' || name === 'GeneratedAlways' || name === 'ColumnType' || name === 'Readonly';
  return wraps ? (unwrapped(written.getTypeArguments()[0]) ?? written) : written;
}

/** `*` among the values: not only literals. */
function collect(type: Type, kinds: Set<Kind>, values: string[], depth: number): { null: boolean; undefined: boolean } {
  if (type.isUnion() && !type.isBoolean()) {
    const parts = type.getUnionTypes().map((part) => collect(part, kinds, values, depth + 1));
    return { null: parts.some((part) => part.null), undefined: parts.some((part) => part.undefined) };
  }
  if (type.isNull()) return { null: true, undefined: false };
  if (type.isUndefined() || type.isVoid()) return { null: false, undefined: true };
  if (type.isStringLiteral() || (type.isEnumLiteral() && typeof type.getLiteralValue() === 'string')) {
    kinds.add('string');
    values.push(String(type.getLiteralValue()));
  } else {
    values.push('*');
    kinds.add(kindOf(type, depth));
  }
  return { null: false, undefined: false };
}

const BY_NAME: Readonly<Record<string, Kind>> = {
  Date: 'date',
  Buffer: 'bytes',
  Uint8Array: 'bytes',
  ArrayBuffer: 'bytes',
  Blob: 'bytes',
  Decimal: 'decimal',
  Big: 'decimal',
  BigNumber: 'decimal',
};

function kindOf(type: Type, depth: number): Kind {
  if (type.isAny() || type.isUnknown() || type.isNever() || type.isTypeParameter() || depth > 8) return 'any';
  if (type.isString() || type.isTemplateLiteral()) return 'string';
  if (type.isNumber() || type.isNumberLiteral() || type.isEnumLiteral() || type.isEnum()) return 'number';
  if (type.isBoolean() || type.isBooleanLiteral()) return 'boolean';
  if (type.isBigInt() || type.isBigIntLiteral()) return 'bigint';
  if (type.isArray() || type.isTuple() || type.isReadonlyArray()) return 'array';
  // A branded text is a text.
  if (type.isIntersection())
    return (
      type
        .getIntersectionTypes()
        .map((part) => kindOf(part, depth + 1))
        .find((kind) => kind !== 'object') ?? 'object'
    );
  return BY_NAME[type.getSymbol()?.getName() ?? ''] ?? 'object';
}
