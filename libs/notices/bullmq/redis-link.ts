import { Redis, type RedisOptions } from 'ioredis';
import { NoticesUnavailable } from '#notices/port';

const CONNECT_TIMEOUT_MS = 5_000;
/** Longer than any blocking read, so that only a link gone silent is given up. */
const SILENCE_MAX_MS = 20_000;
const RETRY_DELAY_FIRST_MS = 50;
const RETRY_DELAY_MAX_MS = 2_000;
/** Longest wait for the answer to one command. */
export const ANSWER_TIMEOUT_MS = 5_000;

/** Knows the connections that a worker makes of it for its own waiting, to be able to end them. */
class RedisWithTwins extends Redis {
  readonly #twins: Redis[] = [];

  override duplicate(override?: Partial<RedisOptions>): Redis {
    const twin = super.duplicate(override);
    this.#twins.push(twin);
    return twin;
  }

  /** Ends all of them at once, whatever they wait for. */
  disconnectAll(): void {
    for (const twin of this.#twins) twin.disconnect();
    this.disconnect();
  }
}

/**
 * One connection that comes back by itself. Commands that are under way when it is lost are sent
 * again; nothing new is asked while it is away.
 */
export class RedisLink {
  readonly redis: RedisWithTwins;
  #closed = false;
  #lastError: Error | undefined;

  constructor(url: string) {
    this.redis = new RedisWithTwins(url, {
      // As BullMQ needs it: a worker waits for the server instead of failing its jobs.
      maxRetriesPerRequest: null,
      enableReadyCheck: true,
      autoResendUnfulfilledCommands: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MAX_MS,
      keepAlive: CONNECT_TIMEOUT_MS,
      retryStrategy: (times) =>
        Math.min(RETRY_DELAY_FIRST_MS * 2 ** Math.min(times, 10), RETRY_DELAY_MAX_MS),
    });
    // Told with the next question that finds the server away, and not once a retry.
    this.redis.on('error', (error: Error) => {
      this.#lastError = error;
    });
    this.redis.on('ready', () => {
      this.#lastError = undefined;
    });
  }

  /** @throws NoticesUnavailable when the server is away, or has no answer in time. */
  async ask<Answer>(question: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    if (this.#closed) throw new NoticesUnavailable('the link to redis is closed');
    if (this.redis.status !== 'ready') {
      throw unavailable('redis cannot be reached', this.#lastError);
    }
    try {
      return await within(ANSWER_TIMEOUT_MS, question(this.redis));
    } catch (cause) {
      throw unavailable('redis did not answer', cause);
    }
  }

  get isReady(): boolean {
    return this.redis.status === 'ready';
  }

  close(): void {
    this.#closed = true;
    this.redis.disconnectAll();
  }
}

/**
 * With what server or network said, and not their error itself as its cause: that one holds the
 * command that it answers, and of the first command the password.
 */
export function unavailable(what: string, error: unknown): NoticesUnavailable {
  const { message = '', code = '' } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  const reason = message === '' ? code : message;
  return new NoticesUnavailable(reason === '' ? what : `${what}: ${reason}`);
}

/** What Redis begins its answer with when user or password are wrong, are wanted, or may do too little. */
const SIGN_IN_REFUSED = /: (?:WRONGPASS|NOAUTH|NOPERM) /;

/** Whether an error of this adapter says that the server does not let this user in. */
export function isSignInRefused(error: unknown): boolean {
  return error instanceof NoticesUnavailable && SIGN_IN_REFUSED.test(error.message);
}

/** The answer, or an error when it takes longer. The question goes on, and its answer is ignored. */
export async function within<Answer>(timeoutMs: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
