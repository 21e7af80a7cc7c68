import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { MailTransport, type Delivered, type Mail } from '#notices/port';
import { composed, messageIdOf, senderOf, type Sender } from './compose.js';

export type OutboxOptions = {
  /** Made when it is not there; readable for its owner only, because letters are personal. */
  readonly directory: string;
  readonly from: string;
};

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

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
