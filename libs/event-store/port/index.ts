export * from './append-rules.js';
export * from './arrivals.js';
export * from './errors.js';
export * from './event-store.js';
export * from './follow-pages.js';
export * from './stream-histories.js';
export * from './transact.js';
