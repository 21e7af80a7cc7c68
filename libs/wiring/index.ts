export * from './configuration.js';
export { ConfigurationInvalid, type Environment } from './environment.js';
export type { LedgerConfiguration } from './ledger-configuration.js';
export * from './notices.js';
export * from './open-log.js';
export * from './open-stores.js';
export { requiredRedisUrl, serverAddress, type Servers } from './server-urls.js';
export * from './stores.js';
export * from './system.js';
