import { readFile } from 'node:fs/promises';
import { writeWhole } from '../durable-files.js';
import { LedgerError } from '../ledger-error.js';

const SIZE = /^(?:0|[1-9][0-9]{0,19})$/;

/**
 * How far each witness is, by its vkey. A hint that spares a request: what is missing or wrong, the
 * witness itself says. So nothing here is ever refused.
 */
export class WitnessSizes {
  readonly #sizes = new Map<string, bigint>();
  #state: 'unread' | 'saved' | 'changed' = 'unread';

  constructor(private readonly file: string) {}

  /** Reads the file, at the first call. */
  async load(): Promise<void> {
    if (this.#state !== 'unread') return;
    this.#state = 'saved';
    for (const line of (await textOf(this.file)).split('\n')) {
      const [vkey = '', size = '', ...more] = line.split(' ');
      if (SIZE.test(size) && more.length === 0) this.#sizes.set(vkey, BigInt(size));
    }
  }

  of(vkey: string): bigint {
    return this.#sizes.get(vkey) ?? 0n;
  }

  learn(vkey: string, size: bigint): void {
    if (this.#sizes.get(vkey) === size) return;
    this.#sizes.set(vkey, size);
    this.#state = 'changed';
  }

  /** A hint that cannot be written costs a request after the next start, and no cosignature now. */
  save(): void {
    if (this.#state !== 'changed') return;
    this.#state = 'saved';
    const lines = [...this.#sizes].map(([vkey, size]) => `${vkey} ${size}\n`);
    try {
      writeWhole({ path: this.file, bytes: Buffer.from(lines.join('')) });
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      this.#state = 'changed';
    }
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    // Missing at first; and whatever else it is, a request more finds it out.
    return '';
  }
}
