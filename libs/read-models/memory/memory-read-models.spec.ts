import { readModelsContract, sharedReadModelsContract } from '#testing/read-models';
import { MemoryReadModels } from './memory-read-models.js';

/** Memory has no second process: closing and opening again finds a new handle on the same content. */
readModelsContract('memory', {
  create: async () => {
    const readModels = new MemoryReadModels();
    return {
      open: async () => readModels.reopened(),
      openReader: async () => readModels.reopened(),
      remove: () => readModels.close(),
    };
  },
});

sharedReadModelsContract('memory', {
  create: async () => {
    const readModels = new MemoryReadModels();
    return { open: async () => readModels.reopened(), remove: () => readModels.close() };
  },
});
