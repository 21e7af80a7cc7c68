export * from './embedded-notice-queue.js';
export * from './file-bookmark.js';
