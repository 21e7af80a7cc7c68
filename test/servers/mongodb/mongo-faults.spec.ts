import { afterEach, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import { MongoReadModels } from '#read-models/mongodb';
import { checkpoint, fold, samples, sampleStream, storeAll } from '#testing/read-models';
import { serverSuite } from '../offered.js';
import { START_TIMEOUT_MS } from './mongo-suite.js';
import { standInOffer, startStandIn, urlOf, type StandIn } from './stand-in.js';

const UNAVAILABLE = { name: 'ReadModelsUnavailable', code: 'read-models.unavailable' };
const PASSWORD = 'correct-horse';
const RECOVERY_ATTEMPTS_MAX = 20;
const FAULT_TIMEOUT_MS = 120_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** A server that comes back is found within a few attempts, each of which waits for it a while. */
async function eventually<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === RECOVERY_ATTEMPTS_MAX) throw error;
      expect(error).toMatchObject(UNAVAILABLE);
    }
  }
}

serverSuite('faults of a MongoDB server', await standInOffer(), () => {
  const running: { standIn?: StandIn; readModels?: MongoReadModels } = {};

  const start = async () => {
    const standIn = await startStandIn();
    const readModels = await MongoReadModels.open({ url: urlOf(standIn, 'faults'), mode: 'write' });
    running.standIn = standIn;
    running.readModels = readModels;
    return { standIn, readModels };
  };

  afterEach(async () => {
    await running.readModels?.close();
    await running.standIn?.stop();
    delete running.readModels;
    delete running.standIn;
  });

  it(
    'opens while there is no server, and works once there is one',
    async () => {
      const port = await freePort();
      const url = `mongodb://127.0.0.1:${port}/faults?directConnection=true&retryWrites=false`;
      const readModels = await MongoReadModels.open({ url, mode: 'write' });
      running.readModels = readModels;
      await expect(readModels.ping()).rejects.toMatchObject(UNAVAILABLE);
      running.standIn = await startStandIn({ port });
      await eventually(() => readModels.ping());
      await storeAll(await readModels.writer(samples), [fold(1, 1)]);
      expect(await readModels.count(samples, [])).toBe(1);
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'says so while a killed server is away, and needs no restart when it is back',
    async () => {
      const { standIn, readModels } = await start();
      const writer = await readModels.writer(samples);
      await storeAll(writer, [fold(1, 1)]);
      await standIn.kill();
      const next = { changes: [], checkpoint: checkpoint(2) };
      await expect(readModels.find(samples, { limit: 1 })).rejects.toMatchObject(UNAVAILABLE);
      await expect(writer.store(next)).rejects.toMatchObject(UNAVAILABLE);
      await expect(readModels.leases.all()).rejects.toMatchObject(UNAVAILABLE);
      running.standIn = await startStandIn({ port: standIn.port });
      const { condition } = await eventually(() => readModels.progress(samples));
      // The stand-in forgets everything: what was written to is not there, so nothing is written.
      expect(condition).toBe('absent');
      await expect(writer.store(next)).rejects.toMatchObject({ code: 'read-models.rebuilding' });
      await storeAll(await readModels.writer(samples), [fold(1, 1)]);
      expect(await readModels.get(samples, sampleStream(1))).toEqual(fold(1, 1));
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'does not wait for ever for a server that hangs, and goes on when it does not any more',
    async () => {
      const { standIn, readModels } = await start();
      const writer = await readModels.writer(samples);
      await storeAll(writer, [fold(1, 1)]);
      process.kill(standIn.pid, 'SIGSTOP');
      await expect(readModels.ping()).rejects.toMatchObject(UNAVAILABLE);
      await expect(readModels.leases.all()).rejects.toMatchObject(UNAVAILABLE);
      const late = { changes: [], checkpoint: checkpoint(7) };
      await expect(writer.store(late)).rejects.toMatchObject(UNAVAILABLE);
      process.kill(standIn.pid, 'SIGCONT');
      await eventually(() => readModels.ping());
      await eventually(() => writer.store(late));
      expect((await readModels.progress(samples)).checkpoint).toEqual(checkpoint(7));
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'tells no password, whatever goes wrong',
    async () => {
      const port = await freePort();
      const urls = [
        `mongodb://redress:${PASSWORD}@127.0.0.1:${port}/faults`,
        `mongodb://redress:${PASSWORD}/x@127.0.0.1:${port}/faults`,
        `mongodb://redress:${PASSWORD}@127.0.0.1:${port}:9/faults?w=majority&nonsense=1`,
        `mongo://redress:${PASSWORD}@127.0.0.1`,
      ];
      for (const url of urls) {
        const asked = MongoReadModels.open({ url, mode: 'read' }).then(async (readModels) => {
          try {
            await readModels.ping();
          } finally {
            await readModels.close();
          }
        });
        const error: unknown = await asked.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject(UNAVAILABLE);
        for (let at: unknown = error; at instanceof Error; at = at.cause) {
          expect(`${at.message} ${at.stack ?? ''}`).not.toContain(PASSWORD);
        }
      }
    },
    FAULT_TIMEOUT_MS,
  );

  it(
    'tells an operator about the server',
    async () => {
      const { readModels } = await start();
      const settings = await readModels.settings();
      expect(settings).toMatchObject({ database: 'faults', version: '4.4.0' });
      expect(settings.replicaSet).toBeUndefined();
      expect(Math.abs(Date.parse(settings.localTime ?? '') - Date.now())).toBeLessThan(60_000);
    },
    START_TIMEOUT_MS,
  );
});
