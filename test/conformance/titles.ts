import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { repository } from '../helpers/imports';

/** The titles of a file's tests and of the groups they are in; of a title with values in it, what is written. */
export function titlesOf(file: string): ReadonlySet<string> {
  const module = parseSync(readFileSync(join(repository, 'test', file), 'utf8'), { syntax: 'typescript' });
  const titles = new Set<string>();
  visit(module, (call) => {
    if (!/^(test|it|describe\w*)$/.test(nameOf(call.callee))) return;
    const title = call.arguments?.[0]?.expression;
    if (title?.type === 'StringLiteral') titles.add(title.value as string);
    if (title?.type === 'TemplateLiteral') titles.add(title.quasis?.map(({ raw }) => raw).join('${}') ?? '');
  });
  return titles;
}

/** A node of the syntax tree, as far as it is looked at. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly callee?: Node;
  readonly object?: Node;
  readonly arguments?: readonly { readonly expression: Node }[];
  readonly quasis?: readonly { readonly raw: string }[];
}

function visit(node: unknown, seeCall: (call: Node) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if ((node as Node).type === 'CallExpression') seeCall(node as Node);
  for (const member of Object.values(node)) visit(member, seeCall);
}

/** What is called in the end: `test` in `test.each([…])('…')`. */
function nameOf(node: Node | undefined): string {
  if (node?.type === 'Identifier') return String(node.value);
  if (node?.type === 'MemberExpression') return nameOf(node.object);
  if (node?.type === 'CallExpression') return nameOf(node.callee);
  return '';
}
