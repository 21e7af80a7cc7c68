export * from './context-modules.js';
export * from './contract.js';
export * from './running-notices.js';
