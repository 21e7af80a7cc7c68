export * from './bookmark.js';
export * from './errors.js';
export * from './mail-transport.js';
export * from './notice-queue.js';
