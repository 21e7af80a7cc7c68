import { accept, reject, type CommandContext, type Decision, type Instant } from '#kernel';
import { conforming, momentOf } from '../../complaint/complaint.decider.js';
import type {
  Allegation,
  Complainant,
  ComplaintEvent,
  ComplaintLodged,
} from '../../complaint/complaint.events.js';
import { refusalOf } from '../../complaint/complaint.lifecycle.js';
import type { Complaint } from '../../complaint/complaint.state.js';
import { isReference, parseReference } from '../../complaint/reference.js';

/** An allegation before it has its number. */
export type NewAllegation = Omit<Allegation, 'number'>;

type Lodged = ComplaintLodged['data'];

/** Someone complains (ISO 10002:2018 7.2). */
export type LodgeComplaint = Omit<
  Lodged,
  'receivedAt' | 'receivedZone' | 'complainant' | 'allegations' | 'enclosures'
> & {
  /** When it was received; when it happened, by the context, unless told. */
  readonly receivedAt?: Lodged['receivedAt'] | undefined;
  /** `UTC` unless told. */
  readonly receivedZone?: string | undefined;
  readonly complainant?: Complainant | undefined;
  /** At least one; numbered from 1 in this order. */
  readonly allegations: readonly NewAllegation[];
  readonly enclosures?: Lodged['enclosures'] | undefined;
};

/**
 * Refuses what is there already, a malformed reference, a receipt that has not come yet, and data
 * that does not conform. The stream must be that of the reference.
 */
export function lodgeComplaint(
  complaint: Complaint | undefined,
  command: LodgeComplaint,
  context: CommandContext,
): Decision<ComplaintEvent> {
  const refusal = refusalOf('lodge-complaint', complaint);
  if (refusal) return refusal;
  const { reference } = command;
  if (!isReference(reference) || parseReference(reference) !== reference) {
    return reject('reference.malformed', 'the reference is not one in its written form');
  }
  const receivedAt = command.receivedAt ?? momentOf(context);
  const data = withDefaults(command, receivedAt);
  if (Object.keys(command).some((name) => !Object.hasOwn(data, name))) {
    return reject('field.unknown', 'data: has a field it cannot have');
  }
  const decision = conforming(accept({ type: 'ComplaintLodged', data }));
  if (decision.kind === 'rejected') return decision;
  const { now } = context;
  const latest = momentOf(context) > now ? momentOf(context) : now;
  if (receivedAt > latest) {
    return reject('receipt.in-the-future', `receivedAt ${receivedAt} has not come yet`);
  }
  return decision;
}

/**
 * Member by member: an object that begins as a copy and is given more members is kept as a
 * dictionary, and reading one of those made lodging six times as slow. The second type keeps a
 * member that is forgotten here from compiling.
 */
function withDefaults(command: LodgeComplaint, receivedAt: Instant): Lodged {
  const data: { readonly [Name in keyof Required<Lodged>]: Lodged[Name] } = {
    reference: command.reference,
    channel: command.channel,
    receivedAt,
    receivedZone: command.receivedZone ?? 'UTC',
    receivedBy: command.receivedBy,
    language: command.language,
    complainant: command.complainant ?? {},
    country: command.country,
    region: command.region,
    product: command.product,
    subProduct: command.subProduct,
    unit: command.unit,
    narrative: command.narrative,
    allegations: command.allegations.map((one, index) => ({ ...one, number: index + 1 })),
    remedySought: command.remedySought,
    enclosures: command.enclosures ?? [],
    source: command.source,
  };
  return data;
}
