import { afterAll, beforeAll } from '@jest/globals';
import { readModelsContract } from '#testing/read-models';
import { serverSuite } from '../offered.js';
import { mongoSpace } from './read-models-space.js';
import { mongoName, mongoOffer, startMongo, type TestMongo } from './stand-in.js';

const START_TIMEOUT_MS = 60_000;
const offer = await mongoOffer();
const server = 'offered' in offer ? await mongoName() : 'no server';

serverSuite(`read models in MongoDB, on ${server}`, offer, () => {
  let mongo: TestMongo;

  beforeAll(async () => {
    mongo = await startMongo();
  }, START_TIMEOUT_MS);

  afterAll(() => mongo.stop());

  readModelsContract(`mongodb on ${server}`, {
    create: async () => {
      const space = mongoSpace(mongo);
      return {
        open: () => space.open(),
        openReader: () => space.open({ mode: 'read' }),
        remove: space.remove,
      };
    },
  });
});
