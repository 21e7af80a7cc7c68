import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../tidy/repository.js';
import type { Manifest } from './deploy-files.js';
import { at, textOf } from './shape.js';

/** Where each version of the interface is described in the package kubernetes-types. */
const MODULES: Readonly<Record<string, string>> = {
  v1: 'core/v1',
  'apps/v1': 'apps/v1',
  'policy/v1': 'policy/v1',
  'networking.k8s.io/v1': 'networking/v1',
};
/** Beside this file, so that packages are found from it; it is never written. */
const VIRTUAL_FILE = join(ROOT, 'test/deploy/manifests-as-types.ts');

/**
 * What the TypeScript compiler says of manifests as values of the types of kubernetes-types, which
 * are made from the API's own schema: unknown keys, missing ones, and values of the wrong kind.
 */
export function typeFaultsOf(manifests: readonly Manifest[]): readonly string[] {
  const unknown = manifests.filter(({ value }) => !(textOf(at(value, 'apiVersion')) in MODULES));
  const known = manifests.filter((one) => !unknown.includes(one));
  const starts: number[] = [];
  let source = '';
  for (const { kind, value } of known) {
    starts.push(source.length);
    const module = MODULES[textOf(at(value, 'apiVersion'))] ?? '';
    source += `export const manifest${starts.length}: import('kubernetes-types/${module}').${kind} = ${JSON.stringify(value, null, 1)};\n`;
  }
  return [
    ...unknown.map(({ file, kind }) => `${file}: ${kind} of an unknown version`),
    ...diagnosticsOf(source).map(({ start, text }) => {
      const index = starts.findLastIndex((begin) => begin <= start);
      const { file = '', kind = '', value } = known[index] ?? {};
      return `${file}: ${kind} ${textOf(at(value, 'metadata', 'name'))}: ${text}`;
    }),
  ];
}

/** Libraries and the types of the API, parsed once for all proofs. */
const alreadyParsed = new Map<string, ts.SourceFile | undefined>();

type Diagnostic = { readonly start: number; readonly text: string };

function diagnosticsOf(source: string): readonly Diagnostic[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  const exists = host.fileExists.bind(host);
  host.fileExists = (file) => file === VIRTUAL_FILE || exists(file);
  host.getSourceFile = (file, ...rest) => {
    if (file === VIRTUAL_FILE) return ts.createSourceFile(file, source, ts.ScriptTarget.ES2023);
    if (!alreadyParsed.has(file)) alreadyParsed.set(file, read(file, ...rest));
    return alreadyParsed.get(file);
  };
  const program = ts.createProgram({ rootNames: [VIRTUAL_FILE], options, host });
  return ts.getPreEmitDiagnostics(program).map(({ start = 0, messageText }) => ({
    start,
    text: ts.flattenDiagnosticMessageText(messageText, ' '),
  }));
}
