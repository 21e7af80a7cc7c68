import { comparePositions, type Position } from '#kernel';
import type { Published } from './signing-session.js';

type Waiter = {
  readonly position: Position;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: unknown) => void;
};

/** Those who wait for a checkpoint over an event. Waking one costs the same however many wait. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** Rejects with the signal's reason when it aborts. */
  wait(position: Position, signal: AbortSignal): Promise<Published> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        position,
        resolve: (published) => {
          signal.removeEventListener('abort', giveUp);
          resolve(published);
        },
        reject: (error) => {
          signal.removeEventListener('abort', giveUp);
          reject(error as Error);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiter);
    });
  }

  published(published: Published): void {
    for (const waiter of this.#waiting) {
      if (!covers(published, waiter.position)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(published);
    }
  }

  /** Nothing more will be signed. */
  end(error: unknown): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}

export function covers({ position: covered }: Published, position: Position): boolean {
  return covered !== undefined && comparePositions(covered, position) >= 0;
}
