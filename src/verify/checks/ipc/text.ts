/** The text that an expression will be, as far as the source says it. */
import { Node, SyntaxKind } from 'ts-morph';
import { initializerOf, meaningOf } from './resolve.ts';

/** A hole stands for what is only known at run time; it remembers its expression. */
export type Hole = { readonly hole: Node };
export type Pattern = readonly (string | Hole)[];

const MAX_DEPTH = 12;

export function patternOf(node: Node | undefined, depth = 0): Pattern {
  if (node === undefined) return [];
  if (depth > MAX_DEPTH) return [{ hole: node }];
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) return [node.getLiteralText()];
  if (Node.isTemplateExpression(node))
    return joined([
      [node.getHead().getLiteralText()],
      ...node.getTemplateSpans().flatMap((span) => [patternOf(span.getExpression(), depth + 1), [span.getLiteral().getLiteralText()]]),
    ]);
  if (
    Node.isParenthesizedExpression(node) ||
    Node.isAsExpression(node) ||
    Node.isSatisfiesExpression(node) ||
    Node.isNonNullExpression(node)
  )
    return patternOf(node.getExpression(), depth + 1);
  if (Node.isBinaryExpression(node)) {
    const operator = node.getOperatorToken().getKind();
    if (operator === SyntaxKind.PlusToken) return joined([patternOf(node.getLeft(), depth + 1), patternOf(node.getRight(), depth + 1)]);
    // `process.env.API ?? '/api'`: what stands there when nobody sets anything.
    if (operator === SyntaxKind.QuestionQuestionToken || operator === SyntaxKind.BarBarToken) return patternOf(node.getRight(), depth + 1);
  }
  if (Node.isNewExpression(node) && node.getExpression().getText() === 'URL') {
    const [path, base] = node.getArguments();
    return joined([base === undefined ? [] : withoutEnd(patternOf(base, depth + 1)), patternOf(path, depth + 1)]);
  }
  if (Node.isCallExpression(node)) {
    const callee = node.getExpression();
    // encodeURIComponent(x), String(x), url.toString(): a value in its place.
    if (Node.isPropertyAccessExpression(callee) && ['toString', 'href'].includes(callee.getName()))
      return patternOf(callee.getExpression(), depth + 1);
    const made = textMadeBy(node, depth);
    return made ?? [{ hole: node }];
  }
  if (Node.isIdentifier(node) || Node.isPropertyAccessExpression(node) || Node.isElementAccessExpression(node)) {
    const literal = node.getType().getLiteralValue();
    if (typeof literal === 'string') return [literal];
    const value = Node.isElementAccessExpression(node) ? undefined : initializerOf(node);
    return value === undefined ? [{ hole: node }] : patternOf(value, depth + 1);
  }
  return [{ hole: node }];
}

/** `routes.order(id)`, where that is `(id) => \`/orders/${id}\``. */
function textMadeBy(call: Node, depth: number): Pattern | null {
  if (!Node.isCallExpression(call)) return null;
  const callee = meaningOf(call.getExpression());
  if (
    !Node.isArrowFunction(callee) &&
    !Node.isFunctionDeclaration(callee) &&
    !Node.isFunctionExpression(callee) &&
    !Node.isMethodDeclaration(callee)
  )
    return null;
  const body = callee.getBody();
  const given = Node.isBlock(body) ? body.getStatements().find(Node.isReturnStatement)?.getExpression() : body;
  if (given === undefined || !/Template|String|Binary/.test(given.getKindName())) return null;
  return patternOf(given, depth + 1);
}

function joined(parts: readonly Pattern[]): Pattern {
  const whole: (string | Hole)[] = [];
  for (const part of parts.flat()) {
    const last = whole[whole.length - 1];
    if (typeof part === 'string' && typeof last === 'string') whole[whole.length - 1] = last + part;
    else if (part !== '') whole.push(part);
  }
  return whole;
}

function withoutEnd(pattern: Pattern): Pattern {
  const last = pattern[pattern.length - 1];
  return typeof last === 'string' ? [...pattern.slice(0, -1), last.replace(/\/$/, '')] : pattern;
}

export function prefixed(prefix: Pattern, name: Pattern): Pattern {
  return joined([prefix, name]);
}

/** Nothing in it is only known at run time. */
export function isPlain(pattern: Pattern): boolean {
  return pattern.length > 0 && pattern.every((part) => typeof part === 'string');
}

export function shown(pattern: Pattern): string {
  return pattern.map((part) => (typeof part === 'string' ? part : `\${${part.hole.getText().slice(0, 30)}}`)).join('');
}
