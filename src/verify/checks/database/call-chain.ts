/** `a.b('x').c().d(1)`: what it is called on, and the calls in their order. */
import { type CallExpression, Node } from 'ts-morph';

export type Called = { readonly name: string; readonly args: readonly Node[]; readonly line: number; readonly text: string };

/** null: the node is no call on anything. `root`: what the first of them is called on. */
export function chainOf(node: Node): { readonly root: Node; readonly calls: readonly Called[] } | null {
  const calls: Called[] = [];
  let here: Node = node;
  while (Node.isCallExpression(here)) {
    const callee: Node = here.getExpression();
    if (!Node.isPropertyAccessExpression(callee)) return calls.length === 0 ? null : { root: here, calls };
    calls.unshift(calledOf(here, callee.getName(), callee.getNameNode().getStartLineNumber()));
    here = callee.getExpression();
  }
  return calls.length === 0 ? null : { root: here, calls };
}

function calledOf(call: CallExpression, name: string, line: number): Called {
  const args = call.getArguments();
  return { name, args, line, text: `${name}(${args.map((one) => one.getText()).join(', ')})` };
}
