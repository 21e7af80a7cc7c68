import { EventStore } from '#event-store/port';
import { Clock, Randomness } from '#kernel';
import { ReadModels } from '#read-models/port';
import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { CommandDoor } from './door/command-door.http.js';
import { PerformStepHandler } from './door/perform-step.http.js';
import { ReadComplaintHandler } from './door/read-complaint.http.js';
import { ReadDoor } from './door/read-door.http.js';
import { Receipts, type ReceiptLink } from './door/receipts.http.js';
import { AcknowledgeComplaintRoute } from './features/acknowledge-complaint/acknowledge-complaint.http.js';
import { AddAllegationRoute } from './features/add-allegation/add-allegation.http.js';
import { AssessComplaintRoute } from './features/assess-complaint/assess-complaint.http.js';
import { AssignComplaintRoute } from './features/assign-complaint/assign-complaint.http.js';
import { ClassifyComplaintRoute } from './features/classify-complaint/classify-complaint.http.js';
import { CloseComplaintRoute } from './features/close-complaint/close-complaint.http.js';
import { CommunicateDecisionRoute } from './features/communicate-decision/communicate-decision.http.js';
import { CorrectFactRoute } from './features/correct-fact/correct-fact.http.js';
import { ForwardComplaintRoute } from './features/forward-complaint/forward-complaint.http.js';
import { LodgeAtFreeReferenceHandler } from './features/lodge-complaint/lodge-at-free-reference.http.js';
import { LodgeComplaintRoute } from './features/lodge-complaint/lodge-complaint.http.js';
import { RecordContactRoute } from './features/record-contact/record-contact.http.js';
import { RecordReplyRoute } from './features/record-reply/record-reply.http.js';
import { ReopenComplaintRoute } from './features/reopen-complaint/reopen-complaint.http.js';
import { WithdrawComplaintRoute } from './features/withdraw-complaint/withdraw-complaint.http.js';
import { CompareMomentsRoute } from './queries/compare-moments/compare-moments.http.js';
import {
  FindComplaintsHandler,
  FindComplaintsRoute,
} from './queries/find-complaints/find-complaints.http.js';
import { ListEventsRoute } from './queries/list-events/list-events.http.js';
import { ShowComplaintRoute } from './queries/show-complaint/show-complaint.http.js';
import { StatisticsRoute } from './queries/statistics/statistics.http.js';

export { COMPLAINT_PROBLEMS } from './door/complaint-problems.http.js';
export type { ReceiptLink } from './door/receipts.http.js';
export { LodgeComplaintBody } from './features/lodge-complaint/lodge-complaint.http.js';

/** What the context needs of the process around it. */
export type ComplaintsOptions = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Where the proof of an event is found; absent where no ledger is kept. */
  readonly receiptOf?: ReceiptLink | undefined;
};

/** Clause 7: complaints, from receipt to closing. Its routes want a global `DoorModule`. */
@Module({})
export class ComplaintsModule {
  static with(options: ComplaintsOptions): DynamicModule {
    const { eventStore, readModels, clock, randomness, receiptOf } = options;
    return {
      module: ComplaintsModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        LodgeComplaintRoute,
        AddAllegationRoute,
        ForwardComplaintRoute,
        AcknowledgeComplaintRoute,
        AssessComplaintRoute,
        ClassifyComplaintRoute,
        AssignComplaintRoute,
        RecordContactRoute,
        CommunicateDecisionRoute,
        RecordReplyRoute,
        CloseComplaintRoute,
        ReopenComplaintRoute,
        WithdrawComplaintRoute,
        CorrectFactRoute,
        FindComplaintsRoute,
        ShowComplaintRoute,
        ListEventsRoute,
        CompareMomentsRoute,
        StatisticsRoute,
      ],
      providers: [
        { provide: EventStore, useValue: eventStore },
        { provide: ReadModels, useValue: readModels },
        { provide: Clock, useValue: clock },
        { provide: Randomness, useValue: randomness },
        { provide: Receipts, useValue: new Receipts(receiptOf) },
        CommandDoor,
        ReadDoor,
        PerformStepHandler,
        LodgeAtFreeReferenceHandler,
        ReadComplaintHandler,
        FindComplaintsHandler,
      ],
    };
  }
}
