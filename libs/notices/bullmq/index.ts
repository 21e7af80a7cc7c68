export * from './bullmq-notice-queue.js';
export * from './open-redis-notices.js';
export * from './redis-bookmark.js';
export { isSignInRefused } from './redis-link.js';
export * from './redis-settings.js';
