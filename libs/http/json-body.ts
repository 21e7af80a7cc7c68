import { RequestRefused } from './problem.js';

/** The largest body taken. The largest event is 60 kB; escapes and names may quadruple that. */
export const BODY_SIZE_MAX_BYTES = 256 * 1024;

/** Levels of arrays and objects within a body; the deepest one that is described has five. */
export const BODY_DEPTH_MAX = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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
  const body = parse(text);
  if (hasInheritedKey(body)) {
    throw new RequestRefused('request.not-json', 'a key has a name that is not allowed');
  }
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RequestRefused('request.not-json', 'the body is not valid JSON');
  }
}

/**
 * Names that every object inherits: `__proto__` would reach into a prototype, and of `constructor`
 * and the like class-transformer passes over some and stumbles over others. The depth is bounded.
 */
function hasInheritedKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasInheritedKey);
  for (const key of Object.keys(value)) {
    if (key in Object.prototype) return true;
    const member: unknown = Reflect.get(value, key);
    if (typeof member === 'object' && hasInheritedKey(member)) return true;
  }
  return false;
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
