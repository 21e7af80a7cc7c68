/** Limits on what one command may bring; the DTOs of the API use the same constants. */

/** Characters (UTF-16 units) of a free text. Three bytes each still fit into one event of 60 kB. */
export const NARRATIVE_LENGTH_MAX = 16_000;
/** Characters of a shorter free text: a description, a summary, an explanation, a note. */
export const TEXT_LENGTH_MAX = 4_000;
/** Characters of a label: a product, an issue, a unit, a name, an id. */
export const LABEL_LENGTH_MAX = 400;
export const ALLEGATIONS_MAX = 50;
export const ENCLOSURES_MAX = 50;
export const REMEDIES_MAX = 20;
export const NEEDS_MAX = 20;
/** Labels of a source that have no field of their own. */
export const SOURCE_LABELS_MAX = 50;
/** Bytes of one enclosure, which lies beside the log. */
export const ENCLOSURE_SIZE_MAX_BYTES = 1_000_000_000;
/**
 * Events of one complaint, so that reading one stays cheap. Beyond it only what ends the work on
 * the complaint is accepted.
 */
export const EVENTS_PER_COMPLAINT_MAX = 2_000;
