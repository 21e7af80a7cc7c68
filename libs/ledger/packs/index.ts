export { buildPack, type BuiltPack, type PackRequest, type PackSources } from './build-pack.js';
export { documentsIn, NO_DOCUMENTS, type DocumentSource } from './document-source.js';
export {
  EARLIER_CHECKPOINTS_MAX,
  PACK_CONTENT_MAX_BYTES,
  PACK_EVENTS_MAX_HERE,
  SCOPE_WORDS_MAX,
} from './pack-bounds.js';
export { KEPT_FILE, packCommands, VKEY_FILE, type PackCommand } from './pack-commands.js';
export { PackRefused, type PackRefusedCode } from './pack-errors.js';
export type { ScopeFilter } from './withheld-revisions.js';
