import {
  ApiCommandHeaders,
  ApiProblems,
  BooleanField,
  DayField,
  Door,
  InstantField,
  IntegerField,
  ObjectField,
  ObjectsField,
  PatternField,
  readBody,
  Sha256Field,
  TextField,
  TextRecordField,
  TextsField,
  WordField,
  WordsField,
  type DoorReply,
  type DoorRequest,
} from '#http';
import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { COMMANDS } from '../../commands.js';
import {
  ALLEGATIONS_MAX,
  ENCLOSURE_SIZE_MAX_BYTES,
  ENCLOSURES_MAX,
  LABEL_LENGTH_MAX,
  NARRATIVE_LENGTH_MAX,
  NEEDS_MAX,
  SOURCE_LABELS_MAX,
  TEXT_LENGTH_MAX,
} from '../../complaint/complaint.limits.js';
import {
  CHANNELS,
  REMEDY_KINDS,
  SOURCE_DEFECTS,
  type Channel,
  type Medium,
  type RemedyKind,
  type SourceDefect,
} from '../../complaint/complaint.vocabulary.js';
import {
  LabelField,
  LanguageField,
  MediumField,
  NoteField,
  OPTIONAL,
} from '../../door/body-parts.http.js';
import { CommandDoor } from '../../door/command-door.http.js';
import { WRITE_PROBLEMS, WRITTEN_SCHEMA } from '../../door/command-route.http.js';
import { commandOf, withMoment } from '../../door/step-moment.http.js';
import { LodgeAtFreeReference } from './lodge-at-free-reference.http.js';
import type { LodgeComplaint } from './lodge-complaint.decide.js';

class ComplainantBody {
  @LabelField(OPTIONAL) readonly name?: string;
  @LabelField(OPTIONAL) readonly organisation?: string;
  @LabelField(OPTIONAL) readonly email?: string;
  @LabelField(OPTIONAL) readonly phone?: string;
  @MediumField(OPTIONAL) readonly preferredMedium?: Medium;
  @NoteField(OPTIONAL) readonly address?: string;
  @LabelField(OPTIONAL) readonly postalCode?: string;
  @TextsField({
    ...OPTIONAL,
    countMax: NEEDS_MAX,
    lengthMax: LABEL_LENGTH_MAX,
    description: 'Vulnerability and accessibility needs.',
  })
  readonly needs?: readonly string[];
}

class AllegationBody {
  @LabelField() readonly issue: string;
  @LabelField(OPTIONAL) readonly subIssue?: string;
  @NoteField(OPTIONAL) readonly description?: string;
  @DayField(OPTIONAL) readonly occurredOn?: string;
  @BooleanField(OPTIONAL) readonly recurrent?: boolean;
}

class EnclosureBody {
  @LabelField() readonly name: string;
  @LabelField({ example: 'application/pdf' }) readonly mediaType: string;
  @IntegerField({ min: 0, max: ENCLOSURE_SIZE_MAX_BYTES }) readonly sizeBytes: number;
  @Sha256Field() readonly sha256: string;
}

class SourceBody {
  @LabelField() readonly system: string;
  @LabelField() readonly id: string;
  @Sha256Field() readonly rowSha256: string;
  @WordsField({ words: SOURCE_DEFECTS, countMax: SOURCE_DEFECTS.length })
  readonly defects: readonly SourceDefect[];
  @BooleanField(OPTIONAL) readonly timely?: boolean;
  @TextRecordField({ ...OPTIONAL, lengthMax: TEXT_LENGTH_MAX, countMax: SOURCE_LABELS_MAX })
  readonly labels?: { readonly [name: string]: string };
}

export class LodgeComplaintBody implements Omit<LodgeComplaint, 'reference'> {
  @WordField({ words: CHANNELS }) readonly channel: Channel;
  @InstantField({ ...OPTIONAL, description: 'Now, or occurredAt, unless told.' })
  readonly receivedAt?: string;
  @PatternField({
    ...OPTIONAL,
    pattern: /^[A-Za-z]{1,32}(\/[A-Za-z0-9_+-]{1,32}){0,3}$/,
    description: 'IANA time zone of the place of receipt; UTC unless told.',
    example: 'Europe/Dublin',
  })
  readonly receivedZone?: string;
  @LabelField({ ...OPTIONAL, description: 'Id of who received it.' }) readonly receivedBy?: string;
  @LanguageField(OPTIONAL) readonly language?: string;
  @ObjectField(() => ComplainantBody, OPTIONAL) readonly complainant?: ComplainantBody;
  @PatternField({ ...OPTIONAL, pattern: /^[A-Z]{2}$/, description: 'ISO 3166-1.', example: 'IE' })
  readonly country?: string;
  @LabelField(OPTIONAL) readonly region?: string;
  @LabelField({ example: 'Current account' }) readonly product: string;
  @LabelField(OPTIONAL) readonly subProduct?: string;
  @LabelField({ ...OPTIONAL, description: 'Unit or branch that is complained of.' })
  readonly unit?: string;
  @TextField({ ...OPTIONAL, lengthMax: NARRATIVE_LENGTH_MAX }) readonly narrative?: string;
  @ObjectsField(() => AllegationBody, { countMin: 1, countMax: ALLEGATIONS_MAX })
  readonly allegations: readonly AllegationBody[];
  @WordField({ ...OPTIONAL, words: REMEDY_KINDS }) readonly remedySought?: RemedyKind;
  @ObjectsField(() => EnclosureBody, { ...OPTIONAL, countMax: ENCLOSURES_MAX })
  readonly enclosures?: readonly EnclosureBody[];
  @ObjectField(() => SourceBody, OPTIONAL) readonly source?: SourceBody;
}

const Body = withMoment<LodgeComplaintBody>(LodgeComplaintBody, 'LodgeComplaintBody');
const { summary, clause } = COMMANDS['lodge-complaint'];

const EXAMPLE = {
  channel: 'web',
  product: 'Current account',
  narrative: 'A fee was charged twice.',
  allegations: [{ issue: 'Fees', subIssue: 'Charged twice' }],
  complainant: { email: 'complainant@example.org', preferredMedium: 'e-mail' },
  remedySought: 'refund',
};

@ApiTags('complaints')
@Controller('v1/complaints')
export class LodgeComplaintRoute {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(CommandDoor) private readonly commands: CommandDoor,
    @Inject(Door) private readonly door: Door,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'lodge-complaint',
    summary,
    description: `ISO 10002:2018 ${clause}.`,
  })
  @ApiCommandHeaders()
  @ApiBody({ type: Body, examples: { short: { value: EXAMPLE } } })
  @ApiResponse({
    status: 201,
    description: 'Lodged, or lodged before under this key.',
    schema: WRITTEN_SCHEMA,
  })
  @ApiProblems('complaint.already-lodged', 'receipt.in-the-future', ...WRITE_PROBLEMS)
  async lodge(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const actor = this.door.actor(request, 'submit');
    const { commandId, keyed } = this.commands.identify(request, actor, 'complaints');
    const said = readBody(Body, request.body);
    const { occurredAt, reason } = said;
    const command = commandOf(said);
    const context = this.commands.context({ actor, commandId, occurredAt, reason });
    const lodged = await this.bus.execute(new LodgeAtFreeReference({ command, context, keyed }));
    const { performed, reference } = lodged;
    this.commands.answer(reply, performed, { status: 201, reference });
  }
}
