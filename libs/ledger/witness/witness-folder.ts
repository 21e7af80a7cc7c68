import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { VerifierKey } from '#merkle';
import { codeOf, folderUnavailable, writeDurably } from '../durable-files.js';
import { openCosigned, originHashOf, type CosignedCheckpoint } from './cosigned-checkpoint.js';
import { sealed, unsealed } from './sealed-text.js';
import { WitnessStateDamaged } from './witness-errors.js';

/** One sealed file a log: the last checkpoint that was cosigned, named by the hash of its origin. */
const CHECKPOINTS = 'checkpoints';
/** Sealed; an origin a line, of all logs that ever were cosigned: tells when a file is gone. */
const ORIGINS = 'origins';
const ORIGIN_HASH = /^[0-9a-f]{64}$/;
/** Ends the names of files that were being written when the process ended. */
const UNFINISHED = /\.new$/;

const PRIVATE_FOLDER_MODE = 0o700;

type Held = { readonly checkpoint: CosignedCheckpoint; readonly stored: string };

/**
 * What the witness remembers: for each log the last checkpoint that it cosigned. Durable before it
 * is told, whole at any moment, and held against the disk at each use: what was changed behind the
 * witness's back is refused and never taken over.
 */
export class WitnessFolder {
  readonly #held: Map<string, Held>;
  /** Hashes of the origins that the list of origins names. */
  #listed: ReadonlySet<string>;
  /** The list is written by one at a time: of two, the older might be renamed last. */
  #listing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly key: VerifierKey,
    held: Map<string, Held>,
  ) {
    this.#held = held;
    this.#listed = new Set(held.keys());
  }

  /** Whether a witness has cosigned from here, so that it had a key. */
  static async isUsed(folder: string): Promise<boolean> {
    const files = await namesIn(join(folder, CHECKPOINTS));
    return files.length > 0 || (await readIfThere(join(folder, ORIGINS))) !== undefined;
  }

  /**
   * Reads and checks everything. The caller holds the folder's lock.
   * @throws WitnessStateDamaged naming the file; LedgerError `ledger.folder-unavailable`.
   */
  static async open(folder: string, key: VerifierKey): Promise<WitnessFolder> {
    const checkpoints = join(folder, CHECKPOINTS);
    await makeFolder(checkpoints);
    await removeUnfinished(folder);
    await removeUnfinished(checkpoints);
    const held = new Map<string, Held>();
    for (const name of await namesIn(checkpoints)) {
      held.set(name, await readHeld(join(checkpoints, name), name, key));
    }
    const opened = new WitnessFolder(folder, key, held);
    await opened.checkOrigins();
    return opened;
  }

  /** The last checkpoint cosigned for a log, by the hash of its origin. */
  latest(originHash: string): CosignedCheckpoint | undefined {
    return this.#held.get(originHash)?.checkpoint;
  }

  /**
   * As {@link latest}, after a look at the disk.
   * @throws WitnessStateDamaged when something else lies there than was left.
   */
  async latestOnDisk(originHash: string): Promise<CosignedCheckpoint | undefined> {
    const held = this.#held.get(originHash);
    const stored = await readIfThere(this.fileOf(originHash));
    if (stored === held?.stored) return held?.checkpoint;
    throw new WitnessStateDamaged(
      `${CHECKPOINTS}/${originHash} is not as it was left: somebody else writes here, or a write failed`,
    );
  }

  /**
   * Remembers a checkpoint; on the disk when it resolves. One call at a time for each log.
   * @throws LedgerError when it cannot be written. The file may then be old or new, and in the second
   *   case {@link latestOnDisk} refuses until a new start has read it: what erred is not gone on from.
   */
  async keep(note: string): Promise<CosignedCheckpoint> {
    const checkpoint = openCosigned(note, this.key);
    if (!checkpoint) throw new WitnessStateDamaged('a checkpoint that was never cosigned');
    const originHash = originHashOf(checkpoint.origin);
    const stored = sealed(note);
    await writeDurably([{ path: this.fileOf(originHash), bytes: Buffer.from(stored) }]);
    this.#held.set(originHash, { checkpoint, stored });
    // After the file: an origin that is listed has a file, wherever the process is killed.
    if (!this.#listed.has(originHash)) {
      this.#listing = this.#listing.then(
        () => this.listOrigins(),
        () => this.listOrigins(),
      );
      await this.#listing;
    }
    return checkpoint;
  }

  private fileOf(originHash: string): string {
    return join(this.folder, CHECKPOINTS, originHash);
  }

  private async listOrigins(): Promise<void> {
    const held = [...this.#held.entries()];
    const lines = held.map(([, { checkpoint }]) => `${checkpoint.origin}\n`).toSorted();
    const bytes = Buffer.from(sealed(lines.join('')));
    await writeDurably([{ path: join(this.folder, ORIGINS), bytes }]);
    this.#listed = new Set([...this.#listed, ...held.map(([originHash]) => originHash)]);
  }

  /** A file that is gone would make the witness begin anew with that log. */
  private async checkOrigins(): Promise<void> {
    const whole = await readIfThere(join(this.folder, ORIGINS));
    const text = whole === undefined ? '' : unsealed(whole);
    if (text === undefined) throw new WitnessStateDamaged(`${ORIGINS} is damaged`);
    const listed = new Set(text.split('\n').slice(0, -1).map(originHashOf));
    for (const originHash of listed) {
      if (this.#held.has(originHash)) continue;
      throw new WitnessStateDamaged(`${CHECKPOINTS}/${originHash} is gone`);
    }
    if ([...this.#held.keys()].some((originHash) => !listed.has(originHash))) {
      await this.listOrigins();
    }
  }
}

/** Makes a folder for this user alone, to be found after a power cut. @throws LedgerError */
export async function makeFolder(folder: string): Promise<void> {
  try {
    const first = await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER_MODE });
    if (first === undefined) return;
    const above = dirname(resolve(first));
    for (let made = resolve(folder); made !== above; made = dirname(made)) {
      await syncFolder(dirname(made));
    }
  } catch (error) {
    throw folderUnavailable(error);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readHeld(file: string, name: string, key: VerifierKey): Promise<Held> {
  const where = `${CHECKPOINTS}/${name}`;
  if (!ORIGIN_HASH.test(name)) throw new WitnessStateDamaged(`${where} is none of the witness's`);
  const stored = (await readIfThere(file)) ?? '';
  const note = unsealed(stored);
  if (note === undefined) throw new WitnessStateDamaged(`${where} is damaged`);
  const checkpoint = openCosigned(note, key);
  if (!checkpoint) throw new WitnessStateDamaged(`${where} was not cosigned with this key`);
  if (originHashOf(checkpoint.origin) !== name) {
    throw new WitnessStateDamaged(`${where} holds a checkpoint of another log`);
  }
  return { checkpoint, stored };
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (UNFINISHED.test(name)) await rm(join(folder, name), { force: true });
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw folderUnavailable(error);
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw folderUnavailable(error);
  }
}
