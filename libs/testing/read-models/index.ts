export * from './harness.js';
export * from './read-models-contract.js';
export * from './sample-log.js';
export * from './samples.js';
export * from './shared-harness.js';
export * from './shared-read-models-contract.js';
