import { startNotices } from '#correspondence';
import { projections } from '#correspondence/contract';
import { SqliteEventStore } from '#event-store/sqlite';
import { Clock, instantFromMillis, Randomness, type Instant } from '#kernel';
import { openRedisNotices } from '#notices/bullmq';
import { OutboxTransport, SmtpTransport } from '#notices/mail';
import { MemoryReadModels } from '#read-models/memory';
import { Projector } from '#read-models/projector';
import { randomBytes } from 'node:crypto';

/**
 * A worker in a process of its own, on a log on disk. Says on standard output when it has begun and
 * how many are sent; ends at SIGTERM. Arguments: directory of the log, URL of Redis, then `smtp` and
 * a URL or `outbox` and a directory.
 */
const [directory = '', redisUrl = '', medium = '', place = ''] = process.argv.slice(2);
const ATTEMPT_TIMEOUT_MS = 2_000;
const TICK_MS = 50;

class RealClock extends Clock {
  override now(): Instant {
    return instantFromMillis(Date.now());
  }
}

class RealRandomness extends Randomness {
  override bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}

const eventStore = await SqliteEventStore.open({ directory, mode: 'write' });
const readModels = new MemoryReadModels();
const stopping = new AbortController();
const projecting = new Projector({ eventStore, readModels, projections }).run(stopping.signal);
const onFault = (error: unknown) => process.stderr.write(`${String(error)}\n`);
const from = 'desk@redress.invalid';
const notices = startNotices({
  eventStore,
  readModels,
  clock: new RealClock(),
  randomness: new RealRandomness(),
  ...openRedisNotices({ url: redisUrl, prefix: 'house', onFault }),
  mail:
    medium === 'smtp'
      ? new SmtpTransport({ url: place, from })
      : new OutboxTransport({ directory: place, from }),
  onFault,
  limits: { tickMs: TICK_MS, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS },
});
process.stdout.write('begun\n');

process.once('SIGTERM', () => {
  void (async () => {
    await notices.stop();
    stopping.abort();
    await projecting;
    await eventStore.close();
    process.stdout.write(`ended ${notices.state.sent}\n`);
    process.exit(0);
  })();
});
