export * from './sqlite-event-store.js';
export { takeWriterLock, type WriterLock } from './writer-lock.js';
