export * from './cosign.js';
