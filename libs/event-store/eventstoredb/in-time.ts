/** It took too long. What was waited for may come yet; nobody waits for it any more. */
export class Overdue extends Error {
  override readonly name = 'Overdue';
}

/** Waits for a promise so long and no longer. @throws Overdue, or what the promise rejects with. */
export async function inTime<Value>(
  awaited: Promise<Value>,
  timeoutMs: number,
  doing: string,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Overdue(`${doing} took over ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}
