import ts from 'typescript';
import { isSpec, lineCountOf, shippedSourcesOf, sourcesOf, type TidyRule } from './rule.js';
import { lineOf, nodesOf, parse } from './syntax.js';

const FILE_LINES_MAX = 400;

export const filesAreShort: TidyRule = {
  name: 'files are short',
  why: `A file of more than ${FILE_LINES_MAX} lines holds more than one thought.`,
  faults: (tree) =>
    [...tree]
      .filter(
        ([path, text]) =>
          /\.(?:ts|mjs|cjs|js|sh)$/.test(path) && lineCountOf(text) > FILE_LINES_MAX,
      )
      .map(([path, text]) => `${path}: ${lineCountOf(text)} lines, at most ${FILE_LINES_MAX}`),
};

const RUNNERS = new Set(['it', 'test', 'describe']);
const ALIASES_FOR_SKIP = new Set(['xit', 'xtest', 'xdescribe']);
const ALIASES_FOR_ONLY = new Set(['fit', 'fdescribe']);
/** A skip says in the test's name what is missing, or the block that skips writes it to stderr. */
const REASON = /skipped: \S|process\.stderr\.write/;

export const noTestIsLeftOut: TidyRule = {
  name: 'no test is left out in silence',
  why: 'One `.only` hides all other tests; a skip without a printed reason is never undone.',
  faults: (tree) =>
    sourcesOf(tree)
      .filter(([path]) => isSpec(path) || path.startsWith('libs/testing/'))
      .flatMap(([path, text]) => {
        const source = parse(path, text);
        return nodesOf(source).flatMap((node) => {
          const fault = leftOutBy(node, source);
          return fault ? [`${path}:${lineOf(source, node)}: ${fault}`] : [];
        });
      }),
};

function leftOutBy(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    if (ALIASES_FOR_ONLY.has(node.expression.text)) return `${node.expression.text} runs alone`;
    if (ALIASES_FOR_SKIP.has(node.expression.text)) return `${node.expression.text} without reason`;
  }
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  if (!RUNNERS.has(node.expression.text)) return undefined;
  if (node.name.text === 'only') return '.only runs alone';
  if (node.name.text !== 'skip' && node.name.text !== 'todo') return undefined;
  return REASON.test(blockOf(node).getText(source))
    ? undefined
    : `.${node.name.text} without reason`;
}

/** What is decided together with a skip: the block in braces around it, else its statement. */
function blockOf(node: ts.Node): ts.Node {
  const statement = statementOf(node);
  return ts.isBlock(statement.parent) ? statement.parent : statement;
}

function statementOf(node: ts.Node): ts.Node {
  let current = node;
  while (!ts.isStatement(current) && !ts.isSourceFile(current)) current = current.parent;
  return current;
}

// Written in pieces, so that this file does not break its own rules.
const MACHINE_PATHS = [
  new RegExp(`/(?:${['home', 'Users'].join('|')})/[a-z]`),
  new RegExp(`(?<![\\w.])/(?:${['work', 'root'].join('|')})/`),
  new RegExp(`\\b[A-Z]:${'\\\\'}{1,2}[A-Za-z]`),
];

export const noMachinePaths: TidyRule = {
  name: 'no machine paths',
  why: 'A path of one machine is wrong on every other, and tells more than it should.',
  faults: (tree) =>
    [...tree]
      .filter(([path]) => path !== 'LICENSE')
      .flatMap(([path, text]) =>
        text
          .split('\n')
          .flatMap((line, index) =>
            MACHINE_PATHS.some((pattern) => pattern.test(line))
              ? [`${path}:${index + 1}: names a path of one machine`]
              : [],
          ),
      ),
};

const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';

export const lockfileNamesNoPrivateRegistry: TidyRule = {
  name: 'lockfile names no private registry',
  why: 'A clean install must work wherever the public registry can be reached.',
  faults: (tree) =>
    [...(tree.get('package-lock.json') ?? '').matchAll(/"resolved": "([^"]+)"/g)]
      .map(([, address = '']) => address)
      .filter((address) => /^[a-z+]+:/.test(address) && !address.startsWith(PUBLIC_REGISTRY))
      .map((address) => `package-lock.json: ${new URL(address).host}`),
};

const CERTIFICATION = new RegExp(
  `ISO 10002(?::2018)?[ -](?:${['certified', 'compliant'].join('|')})`,
  'i',
);

export const noCertificationClaims: TidyRule = {
  name: 'no claim of certification',
  why: 'ISO 10002 is guidance; software helps an organisation follow it and cannot be certified to it.',
  faults: (tree) =>
    [...tree]
      .filter(([, text]) => CERTIFICATION.test(text))
      .map(([path]) => `${path}: claims what ISO 10002 does not offer`),
};

const DEBT = new RegExp(`\\b(?:${['TODO', 'BUG', 'FIXME', 'XXX'].join('|')})\\b(?!\\(#\\d+\\))`);

export const debtNamesItsIssue: TidyRule = {
  name: 'debt names its issue',
  why: 'A note without an issue is never read again.',
  faults: (tree) =>
    sourcesOf(tree).flatMap(([path, text]) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          DEBT.test(line) && /\/\/|\*/.test(line) && !path.endsWith('text.rules.ts')
            ? [`${path}:${index + 1}: debt without (#issue)`]
            : [],
        ),
    ),
};

export const noEnums: TidyRule = {
  name: 'no enums',
  why: 'An enum is a second kind of literal with its own rules; unions of strings are stored as they read.',
  faults: (tree) =>
    sourcesOf(tree).flatMap(([path, text]) => {
      const source = parse(path, text);
      return nodesOf(source)
        .filter((node) => ts.isEnumDeclaration(node))
        .map((node) => `${path}:${lineOf(source, node)}: enum`);
    }),
};

export const typesAreReadonly: TidyRule = {
  name: 'exported types are readonly',
  why: 'What nobody can change in place can be handed to anybody.',
  faults: (tree) =>
    shippedSourcesOf(tree).flatMap(([path, text]) => {
      const source = parse(path, text);
      return nodesOf(source)
        .filter((node) => isMutableMember(node) && isExported(node))
        .map((node) => `${path}:${lineOf(source, node)}: ${node.getText(source).slice(0, 60)}`);
    }),
};

/** A member of a type alias; what a class keeps to itself is its own affair. */
function isMutableMember(node: ts.Node): boolean {
  if (!ts.isPropertySignature(node) || !ts.isTypeAliasDeclaration(statementOf(node))) return false;
  return !(node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword);
}

/** True within a declaration that other files can see; what stays inside a file may accumulate. */
function isExported(node: ts.Node): boolean {
  const statement = statementOf(node);
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

export const noBooleanParameters: TidyRule = {
  name: 'no boolean parameters',
  why: 'At the call `true` says nothing; a literal or a second function does.',
  faults: (tree) =>
    shippedSourcesOf(tree).flatMap(([path, text]) => {
      const source = parse(path, text);
      return nodesOf(source)
        .filter((node) => isBooleanParameter(node) && isExported(node))
        .map((node) => `${path}:${lineOf(source, node)}: ${node.getText(source)}`);
    }),
};

function isBooleanParameter(node: ts.Node): boolean {
  return ts.isParameter(node) && node.type?.kind === ts.SyntaxKind.BooleanKeyword;
}

export const TEXT_RULES: readonly TidyRule[] = [
  filesAreShort,
  noTestIsLeftOut,
  noMachinePaths,
  lockfileNamesNoPrivateRegistry,
  noCertificationClaims,
  debtNamesItsIssue,
  noEnums,
  typesAreReadonly,
  noBooleanParameters,
];
