/**
 * Members whose key is `sha256` (an attached file) or `contentSha256` (a letter). No other hash: that
 * of a row of a public file would tell what an event says that is withheld. In canonical JSON an
 * unescaped quote stands only at the ends of a string, so what looks like such a member is one.
 */
const DOCUMENT_HASHES = /[{,]"(?:sha256|contentSha256)":"([0-9a-f]{64})"/g;

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
