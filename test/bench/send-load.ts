import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './load.js';

const LOAD = fileURLToPath(new URL('./load.js', import.meta.url));

/** Sends a load from another process and answers its report; refuses one with wrong answers. */
export async function sendLoad(order: LoadOrder): Promise<LoadReport> {
  const child = fork(LOAD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const report = await new Promise<LoadReport>((resolve, reject) => {
      child.once('message', (message) => resolve(message as LoadReport));
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the load ended with status ${code}`)));
      child.send(order);
    });
    if (report.unexpected.length > 0) {
      throw new Error(`the load met unexpected answers:\n${report.unexpected.join('\n')}`);
    }
    return report;
  } finally {
    if (child.exitCode === null) child.kill();
  }
}

/** Whole chains a second under a load. */
export async function chainsPerSecond(order: LoadOrder): Promise<number> {
  const report = await sendLoad(order);
  return report.chains / report.seconds;
}
