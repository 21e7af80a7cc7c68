import { EventStore } from '#event-store/port';
import { Door, logReaches, mustReach, readWantedPosition, type DoorRequest } from '#http';
import type { Position } from '#kernel';
import { ReadModels, type Projection } from '#read-models/port';
import { Inject, Injectable } from '@nestjs/common';
import { Freshness } from './freshness.http.js';

/** Codes that every reading route can answer with. */
export const READ_PROBLEMS = ['request.invalid', 'position.not-reached', 'store.unavailable'];

/** Codes of routes that read a read model. */
export const QUERY_PROBLEMS = [
  'request.invalid',
  'position.not-reached',
  'query.unknown-field',
  'query.not-filterable',
  'query.not-sortable',
  'query.not-groupable',
  'query.bad-value',
  'query.bad-cursor',
  'query.over-limit',
  'read-models.unavailable',
  'read-models.rebuilding',
];

/** What every route that reads does first: who asks, and has the asked-for position been seen. */
@Injectable()
export class ReadDoor {
  private readonly freshness: Freshness;

  constructor(
    @Inject(Door) private readonly door: Door,
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {
    this.freshness = new Freshness(store, readModels);
  }

  /** For answers from the log. @throws RequestRefused */
  async admitToLog(request: DoorRequest): Promise<void> {
    this.door.actor(request, 'read');
    const wanted = readWantedPosition(request.headers);
    if (wanted === undefined) return;
    const { positionWaitMs } = this.door.options;
    await mustReach(logReaches(this.store, wanted, positionWaitMs), wanted);
  }

  /**
   * For answers from a read model; the position that it has reached, so that a reader can tell how
   * fresh the answer is. @throws RequestRefused, ReadModelsUnavailable
   */
  async admitTo(projection: Projection, request: DoorRequest): Promise<Position | undefined> {
    this.door.actor(request, 'read');
    const wanted = readWantedPosition(request.headers);
    if (wanted !== undefined) {
      const { positionWaitMs } = this.door.options;
      await mustReach(this.readModels.waitFor(projection, wanted, positionWaitMs), wanted);
    }
    // Asked for before the rows are: they are at least as fresh as the position says.
    return await this.freshness.positionOf(projection);
  }
}
