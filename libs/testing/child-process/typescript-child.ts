import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LOADER = new URL('./typescript-loader.mjs', import.meta.url).href;

export type TypescriptChild = {
  readonly process: ChildProcessWithoutNullStreams;
  /** Lines of standard output as they come; ends when the child closes it. */
  readonly lines: AsyncIterable<string>;
  /** Resolves when the child is gone and its pipes are empty. */
  readonly ended: Promise<{
    readonly status: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly errorText: string;
  }>;
};

export type ChildOptions = {
  readonly script: URL;
  readonly args: readonly string[];
  /** The largest file that the child may write, as a full disk would have it; by `ulimit -f`. */
  readonly fileSizeMaxKib?: number;
};

/** Starts a TypeScript file in a Node process of its own, from source: no build is needed. */
export function spawnTypescript({ script, args, fileSizeMaxKib }: ChildOptions): TypescriptChild {
  const command = [process.execPath, '--import', LOADER, fileURLToPath(script), ...args];
  // POSIX counts `ulimit -f` in units of 512 bytes.
  const limit = fileSizeMaxKib === undefined ? '' : `ulimit -f ${fileSizeMaxKib * 2} && `;
  const child = spawn('/bin/sh', ['-c', `${limit}exec "$@"`, 'sh', ...command]);
  let errorText = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorText += text;
  });
  const ended = new Promise<Awaited<TypescriptChild['ended']>>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, errorText }));
  });
  return { process: child, lines: createInterface({ input: child.stdout }), ended };
}
