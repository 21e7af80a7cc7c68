import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { MongoReadModels } from '#read-models/mongodb';
import { ReadModelsUnavailable } from '#read-models/port';
import { mongoOffer, startMongo, urlOf, type TestMongo } from '../servers/mongodb/stand-in.js';
import { serverSuite } from '../servers/offered.js';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.js';
import { strike } from './servers-strike.js';

const ROUNDS = 6;
const ASKERS = 4;
const RECOVERY_MAX_MS = 10_000;

jest.setTimeout(60_000 + 2 * ROUNDS * RECOVERY_MAX_MS);

serverSuite('MongoDB whose connections all end in the same moment', await mongoOffer(), () => {
  let mongo: TestMongo;
  let proxy: TcpProxy;
  let readModels: MongoReadModels;

  beforeAll(async () => {
    mongo = await startMongo();
    const { hostname, port } = new URL(mongo.url);
    proxy = await startProxy({ target: { host: hostname, port: Number(port) } });
    const url = urlOf({ url: proxy.urlOf(mongo.url) }, 'redress-cut');
    readModels = await MongoReadModels.open({ url, mode: 'write' });
  });

  afterAll(async () => {
    await readModels.close();
    await proxy.stop();
    await mongo.stop();
  });

  it.each(['cut-after-commit', 'cut', 'reset-after-commit'] as const)(
    '%s: answers again, without a restart',
    async (kind) => {
      let answers = 0;
      let isEnding = false;
      const askers = Array.from({ length: ASKERS }, async () => {
        while (!isEnding) {
          try {
            await readModels.leases.all();
            answers += 1;
          } catch (error) {
            if (!(error instanceof ReadModelsUnavailable)) throw error;
          }
          await pause(10);
        }
      });
      for (let round = 1; round <= ROUNDS; round += 1) {
        const fault = { number: round, kind, holdMs: 0, delayMs: 0, gapMs: 0 };
        await strike(proxy, { ...fault, server: 'mongodb', awaitsRecovery: true });
        const before = answers;
        const endsAtMs = performance.now() + RECOVERY_MAX_MS;
        while (answers === before && performance.now() < endsAtMs) await pause(10);
        expect({ round, recovered: answers > before }).toEqual({ round, recovered: true });
      }
      isEnding = true;
      await Promise.all(askers);
    },
  );
});
