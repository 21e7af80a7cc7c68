// Preloaded by `node --import`: at its end, a process has written every module that it loaded into
// the file that LOADED_MODULES_FILE names. Imports are seen by a hook, which runs in a thread of its
// own; what CommonJS requires within is found in its cache.
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';

const file = process.env['LOADED_MODULES_FILE'];
const hook = `
  import { appendFileSync } from 'node:fs';
  export async function resolve(specifier, context, next) {
    const resolved = await next(specifier, context);
    appendFileSync(${JSON.stringify(file)}, resolved.url + '\\n');
    return resolved;
  }
`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
const { cache } = createRequire(import.meta.url);
process.once('exit', () => appendFileSync(file, `${Object.keys(cache).join('\n')}\n`));
