import { createRequire } from 'node:module';
import { createContext, runInContext } from 'node:vm';
import { build, type Platform } from 'esbuild';

/** What the code finds besides ECMAScript: in a browser, of all there is, what the room needs. */
const GLOBALS: Readonly<Record<'browser' | 'node', object>> = {
  browser: { TextDecoder, TextEncoder },
  node: { Buffer, require: createRequire(import.meta.url), TextDecoder, TextEncoder },
};

export type Bundle<Exports> = {
  readonly exports: Exports;
  /** The sources that went in, by their paths from the root. */
  readonly inputs: readonly string[];
};

/**
 * Bundles a module and runs it. For a browser it runs where nothing of Node is, and is rejected
 * where a built-in module of Node is still imported.
 */
export async function bundled<Exports>(
  module: string,
  platform: Extract<Platform, 'browser' | 'node'>,
): Promise<Bundle<Exports>> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from './${module}';`, resolveDir: process.cwd() },
    bundle: true,
    format: 'iife',
    globalName: 'bundle',
    logLevel: 'silent',
    metafile: true,
    platform,
    target: 'es2022',
    write: false,
  });
  const context = createContext({ ...GLOBALS[platform] });
  // The cast says what the module exports; the compiler cannot see through the bundle.
  const exports = runInContext(`${outputFiles[0]?.text ?? ''}; bundle`, context) as Exports;
  return { exports, inputs: Object.keys(metafile.inputs) };
}
