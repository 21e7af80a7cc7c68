export * from './delivery/notices-options.js';
export * from './delivery/start-notices.js';
