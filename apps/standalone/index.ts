export * from './standalone.js';
export * from './until-signal.js';
