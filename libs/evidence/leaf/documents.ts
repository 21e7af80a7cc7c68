/**
 * Members whose key is `sha256` or ends in `Sha256`. In canonical JSON an unescaped quote stands only
 * at the ends of a string, so what looks like such a member is one, and no string's content can.
 */
const DOCUMENT_HASHES = /(?:[{,]"sha256|Sha256)":"([0-9a-f]{64})"/g;

/**
 * The documents that an event names: SHA-256 in lower-case hexadecimal, sorted, each once.
 * @param data canonical JSON of the event's data
 */
export function documentHashesOf(data: string): readonly string[] {
  // Most events name none, and looking for a few letters costs least.
  if (!data.includes('ha256":"')) return [];
  const hashes = new Set([...data.matchAll(DOCUMENT_HASHES)].map(([, hash = '']) => hash));
  return [...hashes].toSorted();
}
