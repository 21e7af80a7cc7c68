export * from './sequencer.js';
