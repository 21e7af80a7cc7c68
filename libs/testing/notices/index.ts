export * from './harness.js';
export * from './house.js';
export * from './notice-queue-contract.js';
export * from './recorded-mail.js';
export * from './notice-history.js';
