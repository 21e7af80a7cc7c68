export * from './typescript-child.js';
