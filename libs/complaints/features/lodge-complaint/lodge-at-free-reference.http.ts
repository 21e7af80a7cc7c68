import { EventStore } from '#event-store/port';
import { Inject } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#kernel';
import { complaintReader } from '../../complaint/complaint.reader.js';
import {
  referenceOf,
  REFERENCE_ATTEMPTS_MAX,
  streamOfReference,
} from '../../complaint/reference.js';
import { PerformStep, type Performed } from '../../door/perform-step.http.js';
import { lodgeComplaint, type LodgeComplaint } from './lodge-complaint.decide.js';

export type LodgeRequest = {
  readonly command: Omit<LodgeComplaint, 'reference'>;
  readonly context: CommandContext;
  /** The command's id comes from the caller's key: the same request may have come before. */
  readonly keyed: boolean;
};

export type Lodged = { readonly performed: Performed; readonly reference: string };

/** Lodges a complaint under the first reference of its command that nobody else has. */
export class LodgeAtFreeReference extends Command<Lodged> {
  constructor(readonly request: LodgeRequest) {
    super();
  }
}

@CommandHandler(LodgeAtFreeReference)
export class LodgeAtFreeReferenceHandler implements ICommandHandler<LodgeAtFreeReference> {
  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(CommandBus) private readonly bus: CommandBus,
  ) {}

  async execute({ request }: LodgeAtFreeReference): Promise<Lodged> {
    const { context, command } = request;
    const year = yearOf(command.receivedAt ?? context.occurredAt ?? context.now);
    const before = request.keyed ? await this.lodgedBefore(context, year) : undefined;
    if (before !== undefined) return await this.lodgeAs(before, request);
    for (let attempt = 0; ; attempt += 1) {
      const lodged = await this.lodgeAs(referenceOf(context.commandId, year, attempt), request);
      const taken = lodged.performed.kind === 'rejected' && TAKEN.includes(lodged.performed.code);
      if (!taken || attempt + 1 >= REFERENCE_ATTEMPTS_MAX) return lodged;
    }
  }

  private async lodgeAs(reference: string, { command, context }: LodgeRequest): Promise<Lodged> {
    const performed = await this.bus.execute(
      new PerformStep<LodgeComplaint>({
        stream: streamOfReference(reference),
        decide: lodgeComplaint,
        // The spread last: begun with a copy and then given more, it would be kept as a dictionary.
        command: { reference, ...command },
        context,
        ifRevision: undefined,
      }) as PerformStep,
    );
    return { performed, reference };
  }

  /**
   * The reference holds the year, and the same key may come again in another one: sent before
   * midnight of New Year and again after it, or with another time of receipt. Then the first
   * answer counts, so the neighbouring years' references are looked at.
   */
  private async lodgedBefore(
    { commandId, now }: CommandContext,
    year: number,
  ): Promise<string | undefined> {
    const thisYear = yearOf(now);
    const others = new Set([thisYear - 1, thisYear, thisYear + 1].filter((one) => one !== year));
    for (const other of others) {
      const reference = referenceOf(commandId, other, 0);
      const [first] = await this.store.readStream(streamOfReference(reference), { limit: 1 });
      if (first && complaintReader.decode(first).metadata.commandId === commandId) return reference;
    }
    return undefined;
  }
}

/** Somebody else's complaint has the reference, or was given it at the same time. */
const TAKEN: readonly string[] = ['complaint.already-lodged', 'revision.conflict'];

function yearOf(instant: string): number {
  return Number(instant.slice(0, 4));
}
