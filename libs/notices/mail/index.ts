export * from './outbox-transport.js';
export * from './smtp-transport.js';
