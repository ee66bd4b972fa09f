/** SQL in the program's own texts: which are queries, and which define the database. */
import { Node, type SourceFile, SyntaxKind } from 'ts-morph';
import type { Code } from '../code.ts';

export type CodeText = {
  readonly text: string;
  readonly file: string;
  readonly line: number /** Parts of it are only known when it runs. */;
  readonly isDynamic: boolean;
  readonly way: 'up' | 'down';
};

const SHOUTED =
  /^\s*(?:SELECT\s[\s\S]*?\sFROM\s|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|REPLACE\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|WITH\s+(?:RECURSIVE\s+)?\w+[\s\S]*?\bAS\b)/;
const DEFINES = /^\s*(?:--[^\n]*\n\s*)*(?:CREATE\s+(?:\w+\s+){0,2}(?:TABLE|INDEX|VIEW|TYPE)|ALTER\s+TABLE|DROP\s+(?:TABLE|INDEX))\b/i;
const ASKING =
  /^(?:query|queryOne|execute|exec|prepare|all|get|run|each|raw|sql|unsafe|one|oneOrNone|many|manyOrNone|any|none|\$queryRaw\w*|\$executeRaw\w*|first|select|pluck)$/;

export function sqlIn(code: Code, file: SourceFile): { readonly queries: CodeText[]; readonly definitions: CodeText[] } {
  const queries: CodeText[] = [];
  const definitions: CodeText[] = [];
  file.forEachDescendant((node) => {
    if (!isText(node) || isPartOfAnother(node)) return;
    const whole = wholeText(node);
    const read = { ...whole, file: code.pathOf(file), line: node.getStartLineNumber(), way: wayOf(node) };
    if (DEFINES.test(whole.text)) definitions.push(read);
    else if (SHOUTED.test(whole.text) || (SHOUTED.test(whole.text.toUpperCase()) && /^\s*[a-z]+\s/.test(whole.text) && isAsked(node)))
      queries.push(read);
  });
  return { queries, definitions };
}

function isText(node: Node): boolean {
  if (Node.isBinaryExpression(node))
    return node.getOperatorToken().getKind() === SyntaxKind.PlusToken && node.getDescendants().some(Node.isStringLiteral);
  return Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node) || Node.isTemplateExpression(node);
}

/** `'SELECT …' + '…'` is read once, from its outermost plus. */
function isPartOfAnother(node: Node): boolean {
  const parent = node.getParent();
  return Node.isBinaryExpression(parent) && parent.getOperatorToken().getKind() === SyntaxKind.PlusToken;
}

/** Stands for a value that is only known when the program runs. */
const VALUE = ' ? ';

function wholeText(node: Node): { text: string; isDynamic: boolean } {
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) return { text: node.getLiteralText(), isDynamic: false };
  if (Node.isBinaryExpression(node)) {
    const [left, right] = [wholeText(node.getLeft()), wholeText(node.getRight())];
    return { text: left.text + right.text, isDynamic: left.isDynamic || right.isDynamic };
  }
  if (Node.isTemplateExpression(node)) {
    // A tag makes parameters of what stands in its holes, also of a text.
    const isTagged = Node.isTaggedTemplateExpression(node.getParent());
    const held = (inner: Node) => (isTagged ? { text: VALUE, isDynamic: true } : wholeText(inner));
    const parts = node.getTemplateSpans().map((span) => ({ inner: held(span.getExpression()), tail: span.getLiteral().getLiteralText() }));
    return {
      text: node.getHead().getLiteralText() + parts.map(({ inner, tail }) => inner.text + tail).join(''),
      isDynamic: parts.some(({ inner }) => inner.isDynamic),
    };
  }
  const literal = Node.isExpression(node) ? node.getType().getLiteralValue() : undefined;
  return typeof literal === 'string' ? { text: literal, isDynamic: false } : { text: VALUE, isDynamic: true };
}

/** An argument of something that asks a database, or a text tagged as SQL. */
function isAsked(node: Node): boolean {
  const parent = node.getParent();
  if (Node.isTaggedTemplateExpression(parent)) return /sql|query/i.test(parent.getTag().getText());
  if (!Node.isCallExpression(parent)) return false;
  const callee = parent.getExpression();
  return ASKING.test(Node.isPropertyAccessExpression(callee) ? callee.getName() : callee.getText());
}

/** In a function or a property called `down` it is the way back. */
function wayOf(node: Node): 'up' | 'down' {
  const isDown = node.getAncestors().some((one) => {
    const name =
      Node.isMethodDeclaration(one) || Node.isFunctionDeclaration(one) || Node.isPropertyAssignment(one) || Node.isVariableDeclaration(one)
        ? one.getName()
        : '';
    return (
      /^(?:down|rollback|revert|undo)$/i.test(name ?? '') ||
      (Node.isBinaryExpression(one) && /\bexports\.down$/.test(one.getLeft().getText()))
    );
  });
  return isDown ? 'down' : 'up';
}
