import type { Channel, Outcome } from '../complaint/complaint.vocabulary.js';

// Counts measured on published complaints of the US Consumer Financial Protection Bureau, a work of
// the US government (public domain): 28,156 complaints received 2015-01-01 to 2015-03-19, and, for
// channels, 2,067 received until 2023. Only counts and category names are taken, never a row.

export type ProductFigures = {
  readonly product: string;
  readonly count: number;
  readonly team: string;
  /** Most frequent issues, with their counts. */
  readonly issues: readonly (readonly [string, number])[];
  readonly outcomes: readonly (readonly [Outcome, number])[];
};

function outcomes(
  explanation: number,
  nonMonetary: number,
  monetary: number,
  none: number,
): ProductFigures['outcomes'] {
  return [
    ['explanation', explanation],
    ['non-monetary-relief', nonMonetary],
    ['monetary-relief', monetary],
    ['no-relief', none],
  ];
}

export const PRODUCTS: readonly ProductFigures[] = [
  {
    product: 'Debt collection',
    count: 7_494,
    team: 'team-collections',
    issues: [
      ["Cont'd attempts collect debt not owed", 3_351],
      ['Disclosure verification of debt', 1_300],
      ['Communication tactics', 1_251],
      ['False statements or representation', 624],
      ['Improper contact or sharing of info', 555],
      ['Taking/threatening an illegal action', 413],
    ],
    outcomes: outcomes(5_048, 1_329, 79, 342),
  },
  {
    product: 'Mortgage',
    count: 6_612,
    team: 'team-lending',
    issues: [
      ['Loan modification,collection,foreclosure', 3_049],
      ['Loan servicing, payments, escrow account', 2_627],
      ['Application, originator, mortgage broker', 452],
      ['Settlement process and costs', 254],
      ['Credit decision / Underwriting', 173],
    ],
    outcomes: outcomes(4_988, 282, 168, 141),
  },
  {
    product: 'Credit reporting',
    count: 5_717,
    team: 'team-reporting',
    issues: [
      ['Incorrect information on credit report', 4_170],
      ["Credit reporting company's investigation", 638],
      ['Unable to get credit report/credit score', 584],
      ['Improper use of my credit report', 175],
      ['Credit monitoring or identity protection', 150],
    ],
    outcomes: outcomes(3_532, 1_415, 29, 14),
  },
  {
    product: 'Credit card',
    count: 2_830,
    team: 'team-accounts',
    issues: [
      ['Billing disputes', 453],
      ['Closing/Cancelling account', 323],
      ['Identity theft / Fraud / Embezzlement', 271],
      ['Delinquent account', 166],
      ['Customer service / Customer relations', 129],
    ],
    outcomes: outcomes(1_834, 274, 560, 10),
  },
  {
    product: 'Bank account or service',
    count: 2_609,
    team: 'team-accounts',
    issues: [
      ['Account opening, closing, or management', 1_142],
      ['Deposits and withdrawals', 690],
      ['Problems caused by my funds being low', 337],
      ['Making/receiving payments, sending money', 233],
      ['Using a debit or ATM card', 205],
    ],
    outcomes: outcomes(1_780, 121, 494, 53),
  },
  {
    product: 'Consumer loan',
    count: 1_314,
    team: 'team-lending',
    issues: [
      ['Managing the loan or lease', 590],
      ['Problems when you are unable to pay', 395],
      ['Taking out the loan or lease', 163],
      ['Shopping for a loan or lease', 90],
    ],
    outcomes: outcomes(1_004, 87, 73, 14),
  },
  {
    product: 'Student loan',
    count: 785,
    team: 'team-lending',
    issues: [
      ['Dealing with my lender or servicer', 469],
      ["Can't repay my loan", 296],
      ['Getting a loan', 20],
    ],
    outcomes: outcomes(631, 56, 32, 6),
  },
  {
    product: 'Payday loan',
    count: 348,
    team: 'team-lending',
    issues: [
      ["Charged fees or interest I didn't expect", 142],
      ["Can't contact lender", 68],
      ["Received a loan I didn't apply for", 43],
    ],
    outcomes: outcomes(258, 15, 17, 18),
  },
  {
    product: 'Money transfers',
    count: 232,
    team: 'team-accounts',
    issues: [
      ['Fraud or scam', 84],
      ['Money was not available when promised', 56],
      ['Other transaction issues', 53],
    ],
    outcomes: outcomes(158, 3, 36, 4),
  },
  {
    product: 'Prepaid card',
    count: 175,
    team: 'team-accounts',
    issues: [
      ['Managing, opening, or closing account', 67],
      ['Unauthorized transactions/trans. issues', 47],
      ['Fraud or scam', 39],
    ],
    outcomes: outcomes(115, 10, 44, 2),
  },
  {
    product: 'Other financial service',
    count: 40,
    team: 'team-accounts',
    issues: [
      ['Fraud or scam', 14],
      ['Customer service/Customer relations', 8],
    ],
    outcomes: outcomes(33, 1, 2, 2),
  },
];

/** Of 2,067 complaints; that some come by e-mail is our own addition to show the channel. */
export const CHANNEL_COUNTS: readonly (readonly [Channel, number])[] = [
  ['web', 2_000],
  ['phone', 41],
  ['partner', 17],
  ['post', 9],
  ['e-mail', 60],
];

/** What complainants replied, of all decisions with the outcome. */
export const REPLY_SHARES: Readonly<
  Record<Exclude<Outcome, 'not-stated'>, { readonly disputed: number; readonly accepted: number }>
> = {
  explanation: { disputed: 3_986 / 19_381, accepted: 952 / 19_381 },
  'non-monetary-relief': { disputed: 453 / 3_593, accepted: 224 / 3_593 },
  'monetary-relief': { disputed: 155 / 1_534, accepted: 90 / 1_534 },
  'no-relief': { disputed: 114 / 606, accepted: 32 / 606 },
};

/** Answers that came late: 712 of 28,156. */
export const LATE_SHARE = 712 / 28_156;

/** Days from receipt until a complaint was sent to who must answer, with counts. */
export const FORWARDING_DAYS: readonly (readonly [number, number])[] = [
  [0, 12_987],
  [1, 4_352],
  [2, 606],
  [3, 1_684],
  [4, 1_016],
  [5, 2_043],
  [6, 1_850],
  [7, 1_522],
  [8, 373],
  [9, 178],
  [10, 135],
  [13, 116],
];

/** Complaints received by day of the week, Sunday first. */
export const WEEKDAY_COUNTS = [1_374, 4_843, 5_152, 5_424, 4_983, 4_624, 1_756] as const;

/** Home states by frequency; the five largest and what stands for the rest. */
export const REGION_COUNTS: readonly (readonly [string, number])[] = [
  ['CA', 3_859],
  ['FL', 2_592],
  ['TX', 2_380],
  ['NY', 1_846],
  ['GA', 1_146],
  ['NJ', 1_113],
  ['PA', 1_055],
  ['IL', 1_003],
  ['OH', 939],
  ['VA', 869],
];
