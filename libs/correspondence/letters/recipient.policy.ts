import type { FailureCode } from '../notice/notice.vocabulary.js';

/** What is asked of a complaint to find out where a letter goes. */
export type Addressed = {
  readonly status: string;
  readonly complainant: { readonly email?: string };
};

export type Recipient =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'nobody'; readonly code: FailureCode };

const ADDRESS_LENGTH_MAX = 254;
/** One address and nothing else: no list, no name, no line break that could end a header. */
const ADDRESS = /^[^\s@<>(),;:"\\[\]]{1,64}@[^\s@<>(),;:"\\[\]]{1,255}$/;

/** Where a letter about the complaint goes, as it is believed now, corrections included. */
export function recipientOf(complaint: Addressed): Recipient {
  if (complaint.status === 'withdrawn') {
    return { kind: 'nobody', code: 'notice.complaint-withdrawn' };
  }
  const address = complaint.complainant.email?.trim();
  if (address === undefined || address === '') return { kind: 'nobody', code: 'notice.no-address' };
  const isOne = ADDRESS.test(address) && address.length <= ADDRESS_LENGTH_MAX;
  return isOne ? { kind: 'address', address } : { kind: 'nobody', code: 'notice.bad-address' };
}
