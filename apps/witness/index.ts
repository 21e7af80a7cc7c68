export * from './witness-settings.js';
export * from './witness.js';
