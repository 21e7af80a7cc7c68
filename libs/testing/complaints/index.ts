export * from './examples.js';
export * from './given.js';
export * from './generators.js';
