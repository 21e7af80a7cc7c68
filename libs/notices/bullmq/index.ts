export * from './bullmq-notice-queue.js';
export * from './open-redis-notices.js';
export * from './redis-bookmark.js';
export * from './redis-settings.js';
