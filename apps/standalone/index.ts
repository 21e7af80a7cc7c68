export * from './standalone.js';
export { untilSignal } from '../process/index.js';
