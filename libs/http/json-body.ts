import { RequestRefused } from './problem.js';

/** The largest body taken. The largest event is 60 kB; escapes and names may quadruple that. */
export const BODY_SIZE_MAX_BYTES = 256 * 1024;

/** Levels of arrays and objects within a body; the deepest one that is described has five. */
export const BODY_DEPTH_MAX = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PROTOTYPE_KEY =
  /"(?:_|\\u005[fF]){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006[fF])(?:t|\\u0074)(?:o|\\u006[fF])(?:_|\\u005[fF]){2}"\s*:/;

/**
 * Parses a body. Depth is counted before anything is built, so that a body made of brackets costs
 * one pass over its bytes.
 *
 * @throws RequestRefused `request.not-json`.
 */
export function parseJsonBody(text: string): unknown {
  if (text === '') return undefined;
  if (depthOf(text) > BODY_DEPTH_MAX) {
    throw new RequestRefused('request.not-json', `nested deeper than ${BODY_DEPTH_MAX} levels`);
  }
  // A key of this name would reach into the prototype of whatever copies the object later.
  if (text.includes('proto') && PROTOTYPE_KEY.test(text)) {
    throw new RequestRefused('request.not-json', 'a key has a name that is not allowed');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RequestRefused('request.not-json', 'the body is not valid JSON');
  }
}

function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      quoted = !quoted;
    } else if (quoted) {
      if (code === BACKSLASH) at += 1;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
    }
  }
  return deepest;
}
