/**
 * An event as a store holds it. `data` and `metadata` are canonical JSON (RFC 8785), byte for byte
 * what was appended. A stored event of any adapter is one.
 */
export type EventRecord = {
  readonly id: string;
  readonly stream: string;
  /** 0 for a stream's first event, without gaps. */
  readonly revision: number;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
};

/**
 * The public artefacts of a ledger, by their C2SP path: `checkpoint`, `tile/0/000`,
 * `tile/entries/x001/234.p/7`. Undefined when there is no such file.
 * @throws whatever its source throws when it cannot be reached; verifiers pass that on.
 */
export type PublicLedger = {
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
  /**
   * As `read`, but at once: for a ledger that lies on the own disk, where handing a read to another
   * thread and back costs more than reading. A verifier takes it where it is offered.
   * @param room where the file may be read into, so that none is made for each; what is answered is
   *   then a part of it, and stands until the caller uses the room again
   */
  readonly readNow?: (path: string, room: Uint8Array) => Uint8Array | undefined;
};
