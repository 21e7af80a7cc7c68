import { EventStore, step, StreamHistories, transact, type Transacted } from '#event-store/port';
import { Door } from '#http';
import { Randomness, type CommandContext, type Rejection } from '#kernel';
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ComplaintDecider } from '../complaint/complaint.decider.js';
import type { ComplaintEvent } from '../complaint/complaint.events.js';
import { complaintReader } from '../complaint/complaint.reader.js';
import type { Complaint } from '../complaint/complaint.state.js';

export type Performed = Transacted | Rejection;

export type StepRequest<Said> = {
  readonly stream: string;
  readonly decide: ComplaintDecider<Said>;
  readonly command: Said;
  readonly context: CommandContext;
  readonly ifRevision: number | undefined;
};

/** One command to one complaint, whichever it is: the decider comes with it. */
export class PerformStep<Said = unknown> extends Command<Performed> {
  constructor(readonly request: StepRequest<Said>) {
    super();
  }
}

/** Hands every command to `transact`, the one way to write. */
@CommandHandler(PerformStep)
export class PerformStepHandler implements ICommandHandler<PerformStep> {
  readonly #histories = new StreamHistories<Complaint | undefined, ComplaintEvent>();

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(Randomness) private readonly randomness: Randomness,
    @Inject(Door) private readonly door: Door,
  ) {}

  async execute({ request }: PerformStep): Promise<Performed> {
    const { stream, decide, command, context, ifRevision } = request;
    const performed = await transact(this.store, this.randomness, {
      stream,
      reader: complaintReader,
      steps: [step(decide, command, context)],
      ifRevision,
      histories: this.#histories,
    });
    if (performed.kind === 'done') this.door.metrics.appended(performed.eventCount);
    return performed;
  }
}
