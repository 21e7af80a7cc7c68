import { eventsDocument } from '#complaints/contract';
import { NOTICE_EVENT_SCHEMAS, NOTICE_REFUSAL_CODES } from '#correspondence/contract';

/**
 * docs/events.md with the events of all contexts. A spec fails while the committed file says
 * anything else; `events-document.main.ts` writes it anew.
 */
export function allEventsDocument(): string {
  return eventsDocument([
    {
      title: 'Notices',
      preface: [
        'What complainants are told by mail, and what becomes of it. One notice is one stream,',
        '`notice-<uuid>`, named after the event that it tells of, so that none is raised twice.',
        'Written by the program itself (`via: worker`), but for the replay of a dead letter. No field',
        'is personal: a letter is written from the complaint when it is sent, and kept nowhere.',
      ],
      schemas: NOTICE_EVENT_SCHEMAS,
      refusals: NOTICE_REFUSAL_CODES,
    },
  ]);
}
