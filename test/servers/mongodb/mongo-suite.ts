import { afterAll, beforeAll, jest } from '@jest/globals';
import { serverSuite } from '../offered.js';
import { mongoSpace, type MongoSpace } from './read-models-space.js';
import { mongoName, mongoOffer, startMongo, type TestMongo } from './stand-in.js';

export const START_TIMEOUT_MS = 60_000;

/** A bound for hanging, not a measure: many suites share few cores, each with a server of its own. */
const TEST_TIMEOUT_MS = 60_000;
jest.setTimeout(TEST_TIMEOUT_MS);

const offer = await mongoOffer();

/** What the suites run against, for their names: product and version. */
export const SERVER_NAME = 'offered' in offer ? await mongoName() : 'no server';

/** Runs a test in a database of its own, which is dropped afterwards. */
export type InSpace = (test: (space: MongoSpace) => Promise<void>) => () => Promise<void>;

/** A suite on a MongoDB that is there while it runs. */
export function mongoSuite(
  name: string,
  suite: (inSpace: InSpace, mongo: () => TestMongo) => void,
): void {
  serverSuite(`${name}, on ${SERVER_NAME}`, offer, () => {
    const running: { mongo?: TestMongo } = {};

    beforeAll(async () => {
      running.mongo = await startMongo();
    }, START_TIMEOUT_MS);

    afterAll(() => running.mongo?.stop());

    const mongo = () => {
      if (!running.mongo) throw new Error('no server was started');
      return running.mongo;
    };
    suite(
      (test) => async () => {
        const space = mongoSpace(mongo());
        try {
          await test(space);
        } finally {
          await space.remove();
        }
      },
      mongo,
    );
  });
}
