import { readModelsContract } from '#testing/read-models';
import { mongoSuite, SERVER_NAME } from './mongo-suite.js';
import { mongoSpace } from './read-models-space.js';

mongoSuite('read models in MongoDB', (_, mongo) => {
  readModelsContract(`mongodb on ${SERVER_NAME}`, {
    create: async () => {
      const space = mongoSpace(mongo());
      return {
        open: () => space.open(),
        openReader: () => space.open({ mode: 'read' }),
        remove: space.remove,
      };
    },
  });
});
