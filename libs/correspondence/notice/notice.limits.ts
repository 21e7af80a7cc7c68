/** How long after its cause a notice is still raised. Later it would only astonish. */
export const NOTICE_AGE_MAX_DAYS = 7;
/** Attempts, since it was raised or replayed, after which a notice is a dead letter. */
export const ATTEMPTS_MAX = 8;
/**
 * After so long an attempt of which nothing was heard may be made again by anybody. Longer than any
 * sending takes, and than clocks of two machines differ.
 */
export const ATTEMPT_TIMEOUT_MS = 300_000;
/** Pause after the first failed attempt; each further one is four times as long. */
export const RETRY_DELAY_FIRST_MS = 30_000;
/** Eight attempts then take about 21 hours, so that a night without a mail server loses nothing. */
export const RETRY_DELAY_MAX_MS = 6 * 3_600_000;
export const RETRY_DELAY_FACTOR = 4;
