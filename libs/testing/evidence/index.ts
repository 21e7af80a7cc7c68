export { complaintHistory, type HistoryShape } from './complaint-history.js';
export { fullPack, type FullPack } from './full-pack.js';
export { MemoryLedger, signedLedger, testSigner } from './memory-ledger.js';
export { samplePackFiles, samplePackZip, type SamplePack } from './sample-pack.js';
export {
  changeByte,
  otherByte,
  printTampering,
  randomNumbers,
  TAMPERS_FULLY,
} from './tampering.js';
