export * from './check-query.js';
export * from './declaration.js';
export * from './partitions.js';
export * from './projection.js';
export * from './query.js';
export * from './read-models.js';
export * from './values.js';
export type { Place } from './cursor.js';
