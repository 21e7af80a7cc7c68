/** Events of a stream in one pack; a complaint takes fewer, whatever happens to it. */
export const PACK_EVENTS_MAX_HERE = 10_000;
/** Payloads and documents of one pack, which is put together in memory. */
export const PACK_CONTENT_MAX_BYTES = 256 * 1024 * 1024;
/** Checkpoints of earlier days in one pack, the latest ones: those of two and a half years. */
export const EARLIER_CHECKPOINTS_MAX = 1_000;
/** Time tokens in one pack, the latest ones. */
export const TIME_TOKENS_MAX = 100;
/** Types and revisions that one request may name. */
export const SCOPE_WORDS_MAX = 1_000;
/** Characters of a chronology that are printed as PDF: some 2,500 pages, a minute of one core. */
export const PRINTED_CHARACTERS_MAX = 5_000_000;
/** Blocks that are printed before others get their turn. */
export const PRINTED_BLOCKS_A_TURN = 4;
