export * from './configuration.js';
export * from './stores.js';
export * from './system.js';
