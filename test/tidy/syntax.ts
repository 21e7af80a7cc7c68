import ts from 'typescript';

/** The parsed text; positions lead to parents, so that a rule can look around. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
}

/** Every node of a file, parents before children. */
export function nodesOf(source: ts.SourceFile): readonly ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return nodes;
}

export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** What a file imports or exports from, as written: static, `import type` and `import()`. */
export function specifiersOf(source: ts.SourceFile): readonly string[] {
  return nodesOf(source).flatMap((node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const specifier = node.moduleSpecifier;
      return specifier && ts.isStringLiteral(specifier) ? [specifier.text] : [];
    }
    const [first] = ts.isCallExpression(node) ? node.arguments : [];
    const isImport =
      ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    return isImport && first && ts.isStringLiteral(first) ? [first.text] : [];
  });
}

/** Names that a file gives to types, classes and functions. */
export function declaredNamesOf(source: ts.SourceFile): readonly string[] {
  return nodesOf(source).flatMap((node) => {
    const isNamed =
      ts.isClassDeclaration(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isMethodDeclaration(node);
    return isNamed && node.name && ts.isIdentifier(node.name) ? [node.name.text] : [];
  });
}
