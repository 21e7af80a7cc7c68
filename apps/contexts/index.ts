export * from './context-modules.js';
export * from './contract.js';
export * from './running-ledger.js';
export * from './running-notices.js';
export * from './served-ledger.js';
