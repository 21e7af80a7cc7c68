import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where documents are found by the SHA-256 of their content, in lower-case hexadecimal. */
export type DocumentSource = (sha256: string) => Promise<Uint8Array | undefined>;

/** Of what it names, a complaint may hold the hash alone: the document lies with somebody else. */
export const NO_DOCUMENTS: DocumentSource = () => Promise.resolve(undefined);

const SHA256 = /^[0-9a-f]{64}$/;

/** Files named by their hash in one folder; the folder need not be there. */
export function documentsIn(folder: string): DocumentSource {
  return async (sha256) => {
    if (!SHA256.test(sha256)) return undefined;
    try {
      return await readFile(join(folder, sha256));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
}
