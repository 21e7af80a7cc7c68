/** Base 64 of RFC 4648 §4, read strictly: padding is there, spare bits are zero, nothing else is. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const FORM =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
const NO_VALUE = 0;
const VALUES = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(NO_VALUE, ALPHABET.indexOf(String.fromCharCode(code))),
);

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const bits = (a << 16) | (b << 8) | c;
    text += letter(bits >> 18) + letter(bits >> 12) + letter(bits >> 6) + letter(bits);
  }
  const spare = (3 - (bytes.length % 3)) % 3;
  return text.slice(0, text.length - spare) + '='.repeat(spare);
}

/** The bytes, or undefined where the text is not the one way in which they are written. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!FORM.test(text)) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    const bits =
      (value(text, at) << 18) |
      (value(text, at + 1) << 12) |
      (value(text, at + 2) << 6) |
      value(text, at + 3);
    // What lies beyond the end is dropped by the array itself.
    bytes[to] = bits >> 16;
    bytes[to + 1] = bits >> 8;
    bytes[to + 2] = bits;
  }
  return bytes;
}

function letter(bits: number): string {
  return ALPHABET.charAt(bits & 63);
}

function value(text: string, at: number): number {
  return VALUES[text.charCodeAt(at)] ?? NO_VALUE;
}
