import { spawnTypescript } from '#testing/child-process';

export type DoubleProcess = {
  readonly url: string;
  readonly pid: number;
  /** As `kill -9` does, or `SIGSTOP` and `SIGCONT`; resolves at once. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Ends the process and waits until it is gone. */
  readonly stop: () => Promise<void>;
};

/** The double in a process of its own; its log goes with it. */
export async function startDoubleProcess(
  options: { readonly port?: number } = {},
): Promise<DoubleProcess> {
  const child = spawnTypescript({
    script: new URL('./double.main.ts', import.meta.url),
    args: options.port === undefined ? [] : ['--port', String(options.port)],
  });
  const first = await child.lines[Symbol.asyncIterator]().next();
  const { pid } = child.process;
  if (first.done || pid === undefined) {
    const { errorText } = await child.ended;
    throw new Error(`the double did not start: ${errorText}`);
  }
  return {
    url: first.value,
    pid,
    signal: (signal) => void child.process.kill(signal),
    stop: async () => {
      child.process.kill('SIGKILL');
      await child.ended;
    },
  };
}
