import type { PageFile } from './dom.js';

type Named = Pick<PageFile, 'name'>;

const isPack = ({ name }: Named): boolean => name.endsWith('.zip');

/** What lies on the page after one more was dropped: a pack takes the place of the one before. */
export function withDropped<File extends Named>(
  dropped: readonly File[],
  file: File,
): readonly File[] {
  const others = dropped.filter((one) => one.name !== file.name && !(isPack(one) && isPack(file)));
  return [...others, file];
}

/** The pack; where only receipts were dropped, the last of them. */
export function packAmong<File extends Named>(dropped: readonly File[]): File | undefined {
  return dropped.find(isPack) ?? dropped.findLast(({ name }) => name.endsWith('.tlog-proof'));
}

/** What was kept, of all that was dropped; a pack never was. */
export function keptAmong<File extends Named>(
  dropped: readonly File[],
  pack: File,
): readonly File[] {
  return dropped.filter((file) => file !== pack && !isPack(file));
}
