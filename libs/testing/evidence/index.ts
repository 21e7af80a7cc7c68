export { complaintHistory, type HistoryShape } from './complaint-history.js';
export { MemoryLedger, signedLedger, testSigner } from './memory-ledger.js';
export { samplePackFiles, samplePackZip, type SamplePack } from './sample-pack.js';
