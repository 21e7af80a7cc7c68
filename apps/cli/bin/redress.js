#!/usr/bin/env node
// The command `redress`. In a fresh checkout it installs and builds first; afterwards it only starts.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../../../dist/apps/cli/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  const { prepare } = await import('../../../deploy/run.mjs');
  prepare();
}
await import(main.href);
