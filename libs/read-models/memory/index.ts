export { MemoryReadModels } from './memory-read-models.js';
