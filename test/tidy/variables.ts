import type { Tree } from './repository.js';
import { shippedSourcesOf } from './rule.js';

export const OPERATIONS = 'docs/operations.md';
/** The ways in which code here reads a variable; the name is the first group that matched. */
const READS_VARIABLE =
  /\benv\.([A-Z][A-Z0-9_]+)|\benv(?:ironment)?\[['"]([A-Z][A-Z0-9_]+)['"]\]|\(environment, ['"]([A-Z][A-Z0-9_]+)['"]|['"](REDRESS_[A-Z0-9_]+)['"]/g;
/** Read by these, a variable may also be given as `<NAME>_FILE`; see libs/wiring/environment.ts. */
const READS_SECRET = /\b(?:secretOf|urlOf)\(environment, ['"]([A-Z][A-Z0-9_]+)['"]/g;
/** Set by tools around us (test runner, npm), not by who operates the product. */
const NOT_OURS = new Set(['CI', 'NODE_OPTIONS', 'NODE_ENV', 'NO_COLOR', 'PATH']);

export function variablesReadIn(tree: Tree): ReadonlySet<string> {
  const scripts = [...tree].filter(([path]) => /^(?:deploy|apps)\/.+\.m?js$/.test(path));
  const names = [...shippedSourcesOf(tree), ...scripts].flatMap(([, text]) => [
    ...[...text.matchAll(READS_VARIABLE)].map((match) => match.slice(1).find(Boolean) ?? ''),
    ...[...text.matchAll(READS_SECRET)].map(([, name = '']) => `${name}_FILE`),
  ]);
  return new Set(names.filter((name) => !NOT_OURS.has(name)));
}

/** Names in the first column of the page's tables, where the column holds a variable. */
export function variablesDocumentedIn(tree: Tree): ReadonlySet<string> {
  const rows = (tree.get(OPERATIONS) ?? '').matchAll(/^\| `([A-Z][A-Z0-9_]+)`\s*\|/gm);
  return new Set([...rows].map(([, name = '']) => name));
}
