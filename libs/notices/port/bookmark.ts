import type { Position } from '#kernel';

/**
 * How far the log was read for causes of notices. A hint: whoever loses it reads again from an
 * earlier place, and raises nothing twice.
 */
export abstract class Bookmark {
  /** Undefined when there is none (any more). @throws NoticesUnavailable */
  abstract position(): Promise<Position | undefined>;

  /** @throws NoticesUnavailable */
  abstract advance(position: Position): Promise<void>;
}
