import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noticeQueueContract } from '#testing/notices';
import { EmbeddedNoticeQueue, FileBookmark } from './index.js';

noticeQueueContract('embedded', {
  create: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'redress-notices-'));
    const file = join(directory, 'made-by-it', 'bookmark');
    const faults: unknown[] = [];
    const queue = new EmbeddedNoticeQueue({ onFault: (error) => faults.push(error) });
    return {
      queue,
      faults,
      bookmark: new FileBookmark(file),
      reopenBookmark: () => new FileBookmark(file),
      remove: async () => {
        await queue.close(0);
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
});
