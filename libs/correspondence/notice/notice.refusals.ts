/** Every refusal of this context, and what it tells the caller. Codes are never changed or reused. */
export const NOTICE_REFUSAL_CODES = {
  'notice.not-raised': 'There is no such notice.',
  'notice.settled': 'The notice was sent or given up; nothing is left to be done.',
  'notice.not-due': 'It is too early, or somebody else is sending the notice now.',
  'notice.not-attempted': 'The attempt is over, or was never made.',
  'notice.not-failed': 'Only a notice that was given up can be replayed.',
} as const satisfies { readonly [code: `${string}.${string}`]: string };

export type NoticeRefusalCode = keyof typeof NOTICE_REFUSAL_CODES;
