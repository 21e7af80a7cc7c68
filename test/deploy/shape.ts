/** What is wrong with a value, each with the path to it; none when it has the shape. */
export type Shape = (value: unknown, path: string) => readonly string[];

type Members = Readonly<Record<string, unknown>>;

/** The members of a mapping; none of anything else. */
export function membersOf(value: unknown): Members {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMapping ? (value as Members) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((item) => typeof item === 'string');
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value at the end of a path through mappings; undefined where one is missing. */
export function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((inner, name) => membersOf(inner)[name], value);
}

function expected(what: string, test: (value: unknown) => boolean): Shape {
  return (value, path) => (test(value) ? [] : [`${path}: ${JSON.stringify(value)} is not ${what}`]);
}

export const text = expected('a text', (value) => typeof value === 'string' && value !== '');
export const flag = expected('true or false', (value) => typeof value === 'boolean');
export const whole = expected(
  'a whole number',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
);

export function matching(what: string, pattern: RegExp): Shape {
  return expected(what, (value) => typeof value === 'string' && pattern.test(value));
}

export function oneOf(...words: readonly string[]): Shape {
  return expected(`one of ${words.join(', ')}`, (value) => words.includes(textOf(value)));
}

export function list(item: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return [`${path}: is not a list`];
    return value.flatMap((one, index) => item(one, `${path}[${index}]`));
  };
}

/** A mapping from any name to values of one shape. */
export function record(member: Shape): Shape {
  return (value, path) => {
    if (!isMapping(value)) return [`${path}: is not a mapping`];
    return Object.entries(membersOf(value)).flatMap(([name, one]) =>
      member(one, `${path}.${name}`),
    );
  };
}

/** A mapping with these members and no other. */
export function mapping(required: Record<string, Shape>, optional: Record<string, Shape>): Shape {
  return (value, path) => {
    if (!isMapping(value)) return [`${path}: is not a mapping`];
    const members = membersOf(value);
    const missing = Object.keys(required).filter((name) => !(name in members));
    return [
      ...missing.map((name) => `${path}.${name}: is missing`),
      ...Object.entries(members).flatMap(([name, one]) => {
        const shape = required[name] ?? optional[name];
        return shape ? shape(one, `${path}.${name}`) : [`${path}.${name}: unknown key`];
      }),
    ];
  };
}

/** One of several shapes; tells what is wrong with the first, the usual one. */
export function either(first: Shape, ...others: readonly Shape[]): Shape {
  return (value, path) => {
    const faults = first(value, path);
    return others.some((shape) => shape(value, path).length === 0) ? [] : faults;
  };
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
