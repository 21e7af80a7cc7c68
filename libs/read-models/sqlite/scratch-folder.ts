import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'compare-';

/** A folder for one comparison, named after its process so that a killed one's can be cleared. */
export class ScratchFolder {
  readonly file: string;

  private constructor(private readonly path: string) {
    this.file = join(path, 'fold.sqlite');
  }

  /**
   * Beside the read models, which is where there is room for as much again; elsewhere only when
   * that may not be written to.
   */
  static make(directory: string): ScratchFolder {
    try {
      clearLeftovers(directory);
      return new ScratchFolder(mkdtempSync(join(directory, `${PREFIX}${process.pid}-`)));
    } catch {
      return new ScratchFolder(mkdtempSync(join(tmpdir(), `redress-${PREFIX}${process.pid}-`)));
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function clearLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) {
    const owner = /^compare-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** True for a process that exists, also for one of another user. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
