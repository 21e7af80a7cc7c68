import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { MailTransport, NoticesUnavailable, type Delivered, type Mail } from '#notices/port';
import { composed, messageIdOf, senderOf, type Sender } from './compose.js';

export type OutboxOptions = {
  /** Made when it is not there; readable for its owner only, because letters are personal. */
  readonly directory: string;
  readonly from: string;
};

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** No attempt takes so long: whoever wrote a partial file of this age is gone. */
const LEFTOVER_AFTER_MS = 3_600_000;
/** Names of partial files, `<notice id>.eml.<attempt>.partial`; whatever else lies there is not ours. */
const PARTIAL = new RegExp(`^${UUID}\\.eml\\.${UUID}\\.partial$`);
/** Looked at in one clearing: a folder that is larger has readers of its own. */
const LOOKED_AT_MAX = 100_000;

/**
 * Writes each mail into a folder, `<notice id>.eml`, for people or programs to send on. There whole
 * after a power cut, or not at all; and once, however often it is sent.
 */
export class OutboxTransport extends MailTransport {
  readonly #sender: Sender;
  readonly #composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  constructor(private readonly options: OutboxOptions) {
    super();
    this.#sender = senderOf(options.from);
  }

  override async send(mail: Mail): Promise<Delivered> {
    const { directory } = this.options;
    const name = `${mail.noticeId}.eml`;
    try {
      await mkdir(directory, { recursive: true, mode: FOLDER_MODE });
      if (!(await isThere(join(directory, name)))) await this.#write(mail, directory, name);
    } catch (error) {
      if (!isOfDisk(error)) throw error;
      return { kind: 'failed', code: 'mail.disk-failed' };
    }
    return { kind: 'accepted', medium: 'outbox', messageId: messageIdOf(mail, this.#sender) };
  }

  /**
   * Removes what attempts left behind that were killed: halves of letters, with their addresses.
   * Those of attempts that may be under way stay.
   * @throws NoticesUnavailable when the folder cannot be looked through
   */
  async clearLeftovers(): Promise<void> {
    const { directory } = this.options;
    try {
      if (await isThere(directory)) await clear(directory);
    } catch (cause) {
      if (!isOfDisk(cause)) throw cause;
      const message = `the outbox cannot be cleared of half letters (${cause.code ?? 'unknown'})`;
      throw new NoticesUnavailable(message, { cause });
    }
  }

  override async close(): Promise<void> {
    this.#composer.close();
  }

  async #write(mail: Mail, directory: string, name: string): Promise<void> {
    const { message } = await this.#composer.sendMail(composed(mail, this.#sender));
    // Of this attempt alone: two may write the same mail, and either is right. Processes in
    // containers often have the same number.
    const partial = join(directory, `${name}.${randomUUID()}.partial`);
    const handle = await open(partial, 'w', FILE_MODE);
    try {
      // A buffer, as the composer was told; its type leaves that open.
      await handle.writeFile(message as Buffer<ArrayBuffer>);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, join(directory, name));
    const folder = await open(directory, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

async function clear(directory: string): Promise<void> {
  let lookedAt = 0;
  for await (const entry of await opendir(directory)) {
    if (entry.isFile() && PARTIAL.test(entry.name)) await removeIfOld(join(directory, entry.name));
    lookedAt += 1;
    if (lookedAt === LOOKED_AT_MAX) break;
  }
}

async function removeIfOld(file: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs >= LEFTOVER_AFTER_MS) await rm(file);
  } catch (error) {
    // Another worker that starts as well was quicker, or its attempt has come through.
    if (!isOfDisk(error) || error.code !== 'ENOENT') throw error;
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (isOfDisk(error) && error.code === 'ENOENT') return false;
    throw error;
  }
}

function isOfDisk(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;
}
