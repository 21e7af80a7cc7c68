export { MemoryLeaseTable } from './memory-lease-table.js';
export { MemoryReadModels } from './memory-read-models.js';
