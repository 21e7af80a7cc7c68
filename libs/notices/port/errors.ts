/** What keeps the hints cannot be reached or is closed. Nothing is lost; may be tried again. */
export class NoticesUnavailable extends Error {
  override readonly name = 'NoticesUnavailable';
  readonly code = 'notices.unavailable';
}

/**
 * The server may throw keys away when its memory is full, and so tear a queue apart. Every policy
 * but `noeviction` is refused; asked again from time to time, because an operator may set it right.
 */
export class EvictionPolicyRefused extends Error {
  override readonly name = 'EvictionPolicyRefused';
  readonly code = 'notices.eviction-policy';

  constructor(readonly policy: string) {
    super(`maxmemory-policy is ${policy}; a queue needs noeviction`);
  }
}
