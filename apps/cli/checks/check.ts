import { failureOf } from '../exit-status.js';

/** One thing that was looked at, and what was found. */
export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };

export type Answer = Omit<Check, 'name'>;

/** Each check answers for itself: what is wrong with one must not silence the others. */
export async function answer(name: string, check: () => Promise<Answer>): Promise<Check> {
  try {
    return { name, ...(await check()) };
  } catch (error) {
    const { code, message } = failureOf(error);
    return { name, ok: false, detail: `${message} [${code}]` };
  }
}

/** A check that is passed with what it answers, and failed with what it throws. */
export function attempt(name: string, check: () => string): Check {
  try {
    return { name, ok: true, detail: check() };
  } catch (error) {
    return { name, ok: false, detail: failureOf(error).message };
  }
}
