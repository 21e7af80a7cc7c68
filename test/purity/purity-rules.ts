import ts from 'typescript';

// What the linter cannot say about files that must be pure: they hold no await, no throw, no clock
// and no randomness, so that a decision taken again from the same log is the same decision.

/** Suffixes of files that must be pure (docs/architecture.md). */
export const PURE_SUFFIXES = [
  'events',
  'state',
  'decide',
  'policy',
  'upcast',
  'projection',
  'lifecycle',
  'vocabulary',
  'schema',
  'limits',
  'refusals',
  'decider',
  'replay',
  'view',
] as const;

const PURE_FILE = new RegExp(`\\.(?:${PURE_SUFFIXES.join('|')})\\.ts$|/reference\\.ts$`);

/** True for a path whose name promises that the file is pure. */
export function isPureFile(path: string): boolean {
  return PURE_FILE.test(path);
}

export type PurityRule =
  | 'no-async'
  | 'no-await'
  | 'no-throw'
  | 'no-generator'
  | 'no-clock'
  | 'no-randomness'
  | 'no-environment'
  | 'no-impure-import'
  | 'no-mutable-module-state';

export type PurityFault = {
  readonly rule: PurityRule;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
};

const CLOCK_GLOBALS = new Set([
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'clearTimeout',
  'clearInterval',
]);
const ENVIRONMENT_GLOBALS = new Set([
  'process',
  'console',
  'globalThis',
  'global',
  'fetch',
  'require',
  'WebSocket',
  'navigator',
  'localStorage',
]);

/** The read-models port gives projections, and who writes which, their words; it is types and data. */
const PORT_OF_WORDS = '#read-models/port';
const IN_WORDS_OF_THE_PORT = /\.projection\.ts$|^libs\/read-models\/projector\/[^/]+\.policy\.ts$/;

/** Every break of purity in one file, in the order of the text. Does not touch the disk. */
export function purityFaults(file: string, text: string): readonly PurityFault[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const faults: PurityFault[] = [];
  const visit = (node: ts.Node): void => {
    const rule = ruleBrokenBy(node, file);
    if (rule) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      faults.push({ rule, file, line: line + 1, text: node.getText(source).slice(0, 80) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return faults;
}

/** Words that leave the straight way from arguments to answer. */
const FLOW: ReadonlyMap<ts.SyntaxKind, PurityRule> = new Map([
  [ts.SyntaxKind.AwaitExpression, 'no-await'],
  [ts.SyntaxKind.AsyncKeyword, 'no-async'],
  [ts.SyntaxKind.ThrowStatement, 'no-throw'],
  [ts.SyntaxKind.YieldExpression, 'no-generator'],
]);

function ruleBrokenBy(node: ts.Node, file: string): PurityRule | undefined {
  const flow = FLOW.get(node.kind);
  if (flow) return flow;
  if (ts.isForOfStatement(node)) return node.awaitModifier ? 'no-await' : undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return brokenByImport(node.moduleSpecifier, file);
  }
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) return brokenByCall(node);
  if (ts.isPropertyAccessExpression(node)) return brokenByProperty(node);
  if (ts.isVariableStatement(node)) return brokenByModuleState(node);
  return ts.isIdentifier(node) ? brokenByGlobal(node) : undefined;
}

function brokenByImport(
  specifier: ts.Expression | undefined,
  file: string,
): PurityRule | undefined {
  if (!specifier || !ts.isStringLiteral(specifier)) return undefined;
  const target = specifier.text;
  if (target === '#kernel') return undefined;
  if (target === PORT_OF_WORDS && IN_WORDS_OF_THE_PORT.test(file)) return undefined;
  const local = target.startsWith('.') && isPureFile(`/${target.replace(/\.js$/, '.ts')}`);
  return local ? undefined : 'no-impure-import';
}

function brokenByCall(node: ts.NewExpression | ts.CallExpression): PurityRule | undefined {
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return 'no-impure-import';
  const isDate = ts.isIdentifier(node.expression) && node.expression.text === 'Date';
  // `new Date(text)` is arithmetic; `new Date()` and `Date()` look at the clock.
  const looksAtClock = isDate && (ts.isCallExpression(node) || !node.arguments?.length);
  return looksAtClock ? 'no-clock' : undefined;
}

function brokenByProperty(node: ts.PropertyAccessExpression): PurityRule | undefined {
  if (!ts.isIdentifier(node.expression)) return undefined;
  const name = `${node.expression.text}.${node.name.text}`;
  if (name === 'Date.now') return 'no-clock';
  if (name === 'Math.random') return 'no-randomness';
  return node.expression.text === 'crypto' ? 'no-randomness' : undefined;
}

/** A `let` at the top of a module is memory between calls: the second answer may differ. */
function brokenByModuleState(node: ts.VariableStatement): PurityRule | undefined {
  const isLet = !(node.declarationList.flags & ts.NodeFlags.Const);
  return isLet && ts.isSourceFile(node.parent) ? 'no-mutable-module-state' : undefined;
}

function brokenByGlobal(node: ts.Identifier): PurityRule | undefined {
  if (!isReference(node)) return undefined;
  if (CLOCK_GLOBALS.has(node.text)) return 'no-clock';
  return ENVIRONMENT_GLOBALS.has(node.text) ? 'no-environment' : undefined;
}

/** False where an identifier only names a member: `{ process: 1 }`, `step.process`, `process?: …`. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  const isMember =
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isTypeReferenceNode(parent);
  return !isMember;
}
