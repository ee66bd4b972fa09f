/** What an expression of a program is without running it: a text, a list of texts, a switch, or nothing that can be said. */
import { Node } from 'ts-morph';

/** Behind `as const`, parentheses and the name of a constant that stands in the same file. */
export function settled(node: Node | undefined): Node | undefined {
  if (Node.isAsExpression(node) || Node.isSatisfiesExpression(node) || Node.isParenthesizedExpression(node))
    return settled(node.getExpression());
  if (!Node.isIdentifier(node)) return node;
  const [declaration] = node.getDefinitionNodes();
  if (!Node.isVariableDeclaration(declaration) || declaration.getVariableStatement()?.getDeclarationKind() !== 'const') return node;
  return settled(declaration.getInitializer());
}

/** null: it is only known when the program runs. */
export function textOf(node: Node | undefined): string | null {
  const value = settled(node);
  return Node.isStringLiteral(value) || Node.isNoSubstitutionTemplateLiteral(value) ? value.getLiteralText() : null;
}

/** One text, or a list of texts. */
export function textsOf(node: Node | undefined): string[] | null {
  const value = settled(node);
  if (!Node.isArrayLiteralExpression(value)) {
    const one = textOf(value);
    return one === null ? null : [one];
  }
  const texts = value.getElements().map(textOf);
  return texts.every((one) => one !== null) ? (texts as string[]) : null;
}

export function isTrue(node: Node | undefined): boolean {
  return settled(node)?.getText() === 'true';
}

/** The value of a field of an object that is written out; undefined: it has none of that name. */
export function fieldOf(node: Node | undefined, name: string): Node | undefined {
  const value = settled(node);
  if (!Node.isObjectLiteralExpression(value)) return undefined;
  const property = value.getProperty(name);
  if (Node.isPropertyAssignment(property)) return property.getInitializer();
  return Node.isShorthandPropertyAssignment(property) ? property.getNameNode() : undefined;
}

/** Every field of it is written out. */
export function isWhole(node: Node | undefined): boolean {
  const value = settled(node);
  return (
    Node.isObjectLiteralExpression(value) &&
    value.getProperties().every((one) => Node.isPropertyAssignment(one) || Node.isShorthandPropertyAssignment(one))
  );
}
