import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const LIBS = new URL('../../', import.meta.url);

/** Rooms by alias and `.js` names both lead to the source, as in jest.config.mjs. */
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('#')) {
    const door = specifier.endsWith('/contract') ? '.ts' : '/index.ts';
    return { url: new URL(`${specifier.slice(1)}${door}`, LIBS).href, shortCircuit: true };
  }
  const source = typescriptOf(specifier, context.parentURL);
  return source ? { url: source.href, shortCircuit: true } : next(specifier, context);
}

function typescriptOf(specifier, parent) {
  if (!/^\.{1,2}\/.*\.js$/.test(specifier) || !parent?.endsWith('.ts')) return undefined;
  const url = new URL(specifier.replace(/\.js$/, '.ts'), parent);
  return existsSync(url) ? url : undefined;
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = await transform(await readFile(new URL(url), 'utf8'), {
    filename: fileURLToPath(url),
    configFile: false,
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: false,
      },
    },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
