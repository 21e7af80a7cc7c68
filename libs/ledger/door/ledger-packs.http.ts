import {
  ApiProblems,
  Door,
  readBody,
  RequestRefused,
  TextField,
  TextsField,
  type DoorReply,
  type DoorRequest,
} from '#http';
import { NOTE_SIZE_MAX_BYTES } from '#merkle';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { buildPack, type BuiltPack } from '../packs/build-pack.js';
import { SCOPE_WORDS_MAX } from '../packs/pack-bounds.js';
import { LedgerDesk, refusal } from './ledger-desk.http.js';
import { PACKS_AT_ONCE_MAX, type PackSubject } from './served-ledger.js';

const OPTIONAL = { optional: true } as const;
const NAME_LENGTH_MAX = 200;
/** Checkpoints that one request may bring along. */
const KEPT_MAX = 10;
const ZIP = 'application/zip';

class PackBody {
  @TextField({ ...OPTIONAL, lengthMax: NAME_LENGTH_MAX, example: 'C-26-7F3K-9QXM-Q' })
  readonly reference?: string;
  @TextField({
    ...OPTIONAL,
    lengthMax: NAME_LENGTH_MAX,
    description: 'Id of the complaint, instead of its reference.',
  })
  readonly id?: string;
  @TextsField({
    ...OPTIONAL,
    countMax: SCOPE_WORDS_MAX,
    lengthMax: NAME_LENGTH_MAX,
    description: 'Event types and revisions whose contents are left out; their proofs stay.',
  })
  readonly withhold?: readonly string[];
  @TextsField({
    ...OPTIONAL,
    countMax: SCOPE_WORDS_MAX,
    lengthMax: NAME_LENGTH_MAX,
    description: 'Event types of which alone the contents are shown.',
  })
  readonly only?: readonly string[];
  @TextsField({
    ...OPTIONAL,
    countMax: KEPT_MAX,
    lengthMax: NOTE_SIZE_MAX_BYTES,
    description:
      'Signed checkpoints that somebody kept: the pack proves that the log extends them.',
  })
  readonly kept?: readonly string[];
}

/** Evidence packs of whole complaints, for those who may read them. */
@ApiTags('ledger')
@Controller('ledger')
export class LedgerPacksRoute {
  #underWay = 0;

  constructor(
    @Inject(LedgerDesk) private readonly desk: LedgerDesk,
    @Inject(Door) private readonly door: Door,
  ) {}

  @Post('packs')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'ledger-pack',
    summary: 'An evidence pack of a complaint.',
    description:
      'A zip that holds a BagIt bag: events, proofs, checkpoint, documents, chronology. Its README says how anybody verifies it without this server.',
  })
  @ApiBody({ type: PackBody, examples: { whole: { value: { reference: 'C-26-7F3K-9QXM-Q' } } } })
  @ApiOkResponse({ content: { [ZIP]: { schema: { type: 'string', format: 'binary' } } } })
  @ApiProblems(
    'request.invalid',
    'request.not-json',
    'request.too-large',
    'request.unsupported-media-type',
    'ledger.off',
    'ledger.unknown-stream',
    'ledger.unknown-scope',
    'ledger.kept-unusable',
    'ledger.kept-differs',
    'ledger.event-differs',
    'ledger.pack-too-large',
    'ledger.not-yet-signed',
    'ledger.rebuilding',
    'ledger.busy',
    'ledger.folder-unavailable',
    'store.unavailable',
  )
  async pack(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    this.door.actor(request, 'read');
    const body = readBody(PackBody, request.body);
    const subject = await this.#subjectOf(body);
    if (this.#underWay >= PACKS_AT_ONCE_MAX) {
      throw refusal('ledger.busy', `${this.#underWay} packs are being made`);
    }
    this.#underWay += 1;
    try {
      const { fileName, zip } = await this.#build(subject, body);
      reply
        .code(200)
        .header('content-type', ZIP)
        .header('content-disposition', `attachment; filename="${fileName}"`)
        .send(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength));
    } finally {
      this.#underWay -= 1;
    }
  }

  async #subjectOf({ reference, id }: PackBody): Promise<PackSubject> {
    const name = reference ?? id;
    if (name === undefined || (reference !== undefined && id !== undefined)) {
      throw new RequestRefused('request.invalid', 'name a reference or an id, one of them', [
        { field: 'reference', message: 'must be given, or an id' },
      ]);
    }
    const subject = await this.desk.ledger.subjectOf(name);
    if (!subject) throw refusal('ledger.unknown-stream', 'there is no such complaint');
    return subject;
  }

  async #build(subject: PackSubject, { withhold, only, kept }: PackBody): Promise<BuiltPack> {
    const { eventStore, folder, documents, generator, policy, key } = this.desk.ledger;
    const sources = { eventStore, folder, documents, generator, policy, key: await key() };
    const asked = {
      ...subject,
      ...(withhold ? { withhold } : {}),
      ...(only ? { only } : {}),
      ...(kept ? { kept } : {}),
    };
    const pack = await this.desk.whenCovered(() => buildPack(sources, asked));
    // Covered and not found among what is covered: the index lags, and will have caught up.
    if (!pack)
      throw refusal('ledger.not-yet-signed', 'an event is not found among the signed ones');
    return pack;
  }
}
