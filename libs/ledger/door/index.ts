export { LedgerModule } from './ledger-module.http.js';
export { LEDGER_PROBLEMS } from './ledger-problems.http.js';
export { PROOFS_PATH, receiptLinks } from './receipt-link.js';
export {
  COVERED_WAIT_MS,
  PACKS_AT_ONCE_MAX,
  type PackSubject,
  type ServedLedger,
} from './served-ledger.js';
