import type { Instant } from '#kernel';
import type { LedgerFile } from '../tiles/growing-tree.js';

/**
 * The last note of each day (UTC), in a file of its own. While the day lasts, its file is renewed with
 * the first note of each minute only: two files for each checkpoint cost more than the tree did.
 */
export class DayNotes {
  #minute: string | undefined;
  /** The last note, unless the file of its day has it. */
  #held: LedgerFile | undefined;

  /** What is to be written now that this note was signed. */
  take(bytes: Uint8Array, now: Instant): readonly LedgerFile[] {
    const file = { path: `checkpoints/${now.slice(0, 'yyyy-mm-dd'.length)}`, bytes };
    const minute = now.slice(0, 'yyyy-mm-ddThh:mm'.length);
    if (minute === this.#minute) {
      this.#held = file;
      return [];
    }
    this.#minute = minute;
    const held = this.rest().filter(({ path }) => path !== file.path);
    return [...held, file];
  }

  /** What is in no file yet; for the end. */
  rest(): readonly LedgerFile[] {
    const held = this.#held;
    this.#held = undefined;
    return held ? [held] : [];
  }
}
