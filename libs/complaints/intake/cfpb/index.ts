export { CFPB_ZONE } from './cfpb.dates.js';
export {
  checkCfpbHeader,
  importCfpb,
  ImportRefused,
  REJECTED_LISTED_MAX,
  ROWS_IN_FLIGHT_MAX,
  type ImportOptions,
  type ImportResult,
  type RejectedRow,
} from './cfpb.import.js';
export { CsvReader } from './csv-records.js';
