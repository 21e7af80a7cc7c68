export * from './naive.js';
export * from './sample-tree.js';
