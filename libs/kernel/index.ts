export * from './canonical-json.js';
export * from './clock.js';
export * from './command.js';
export * from './decision.js';
export * from './event.js';
export * from './ids.js';
export * from './instant.js';
export * from './upcast.js';
