import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadModels } from '#read-models/port';
import { readModelsContract } from '#testing/read-models';
import { SqliteReadModels } from './sqlite-read-models.js';

readModelsContract('sqlite', {
  create: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'read-models-'));
    const opened: ReadModels[] = [];
    const open = async (mode: 'read' | 'write') => {
      const readModels = await SqliteReadModels.open({ directory, mode });
      opened.push(readModels);
      return readModels;
    };
    return {
      open: () => open('write'),
      openReader: () => open('read'),
      remove: async () => {
        for (const readModels of opened) await readModels.close();
        await rm(directory, { recursive: true });
      },
    };
  },
});
