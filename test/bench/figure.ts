/** What a benchmark prints: the product's figure beside its bound from the same run. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly reference: { readonly name: string; readonly value: number };
  /** Value by reference; for times and sizes too, where smaller is better. */
  readonly ratio: number;
};

export type Benchmark = {
  readonly name: string;
  /** One sentence: what is measured, against what. */
  readonly about: string;
  readonly run: (bench: BenchContext) => Promise<readonly Figure[]>;
};

export type BenchContext = {
  /** A folder of its own for the benchmark, removed afterwards. */
  readonly directory: string;
  /** Says on stderr what is going on. */
  readonly say: (line: string) => void;
  /** A folder for stores that take minutes to fill; used again where `--keep DIR` names one. */
  readonly keep: string;
  /** How many complaints "a million" is in this run. */
  readonly million: number;
};

export function figure(
  name: string,
  value: number,
  unit: string,
  reference: { readonly name: string; readonly value: number },
): Figure {
  return {
    name,
    value: rounded(value),
    unit,
    reference: { name: reference.name, value: rounded(reference.value) },
    ratio: rounded(value / reference.value),
  };
}

/** Three digits that count; more would pretend a precision that shared machines do not have. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** Runs both in turn and keeps each one's median, since a shared machine's speed drifts. */
export async function inTurn(
  rounds: number,
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<readonly [number, number]> {
  const firsts: number[] = [];
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    firsts.push(await first());
    seconds.push(await second());
  }
  return [median(firsts), median(seconds)];
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The smallest value that at least `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  return sorted[index] ?? Number.NaN;
}

/** Things a second, from a count and a start taken with `performance.now()`. */
export function perSecond(count: number, startedAtMs: number): number {
  return (count * 1_000) / (performance.now() - startedAtMs);
}
