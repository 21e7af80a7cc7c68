import type { Position } from '#kernel';
import { Bookmark } from '#notices/port';
import type { RedisLink } from './redis-link.js';

const POSITION = /^\d{1,20}$/;

/** A bookmark beside the jobs, so that what takes them takes it as well. */
export class RedisBookmark extends Bookmark {
  constructor(
    private readonly link: RedisLink,
    private readonly key: string,
  ) {
    super();
  }

  override async position(): Promise<Position | undefined> {
    const text = await this.link.ask((redis) => redis.get(this.key));
    return text !== null && POSITION.test(text) ? text : undefined;
  }

  override async advance(position: Position): Promise<void> {
    await this.link.ask((redis) => redis.set(this.key, position));
  }
}
