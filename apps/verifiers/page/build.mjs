// Makes the one-file verifier: `node apps/verifiers/page/build.mjs [FILE]`, by default
// dist/apps/verifiers/verify.html. Script and style lie in the page, named by their hashes in its
// content security policy, so that nothing else runs and nothing can be sent anywhere.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = resolve(HERE, '../../..');
const TARGET = 'es2022';

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The page as text; made from source, so that nothing needs to be built before. */
export async function pageText() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(HERE, 'main.ts')],
    tsconfig: join(ROOT, 'tsconfig.base.json'),
    alias: { '#merkle': './libs/merkle/index.ts', '#evidence': './libs/evidence/index.ts' },
    bundle: true,
    charset: 'utf8',
    format: 'iife',
    legalComments: 'inline',
    logLevel: 'error',
    minifySyntax: true,
    platform: 'browser',
    target: TARGET,
    write: false,
  });
  // Nothing of the script may end the element that it lies in.
  const script = `\n${outputFiles[0].text.replaceAll('</script', '<\\/script')}`;
  const style = await readFile(join(HERE, 'page.css'), 'utf8');
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts = {
    '<!-- policy -->': policy,
    '<!-- style -->': `<style>${style}</style>`,
    '<!-- script -->': `<script>${script}</script>`,
  };
  const page = await readFile(join(HERE, 'page.html'), 'utf8');
  return page.replaceAll(/<!-- (?:policy|style|script) -->/g, (name) => parts[name]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = resolve(process.argv[2] ?? join(ROOT, 'dist/apps/verifiers/verify.html'));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await pageText());
}
