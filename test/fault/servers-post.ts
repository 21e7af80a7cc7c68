import { MailTransport, type Delivered, type Mail } from '#notices/port';

/** Where all mails of a run arrive: takes every one, and knows how often each came. */
export class PostBox extends MailTransport {
  readonly #arrivals = new Map<string, number>();
  readonly #listeners = new Set<(noticeId: string) => void>();

  get mails(): number {
    return this.#arrivals.size;
  }

  /** Notices whose mail came more than once. */
  get twice(): readonly string[] {
    return [...this.#arrivals].flatMap(([noticeId, count]) => (count > 1 ? [noticeId] : []));
  }

  /** The next mail from now on; undefined when `timeoutMs` went by first. */
  nextMail(timeoutMs: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      const settle = (noticeId: string | undefined) => {
        clearTimeout(timer);
        this.#listeners.delete(settle);
        resolve(noticeId);
      };
      const timer = setTimeout(() => settle(undefined), timeoutMs);
      this.#listeners.add(settle);
    });
  }

  override send({ noticeId }: Mail): Promise<Delivered> {
    this.#arrivals.set(noticeId, (this.#arrivals.get(noticeId) ?? 0) + 1);
    for (const listener of this.#listeners) listener(noticeId);
    return Promise.resolve({ kind: 'accepted', medium: 'outbox', messageId: `<${noticeId}@test>` });
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
