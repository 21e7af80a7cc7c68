import type { Actor } from '#kernel';

/** Who raises and sends notices: the program itself. */
export const SYSTEM_ACTOR: Actor = { id: 'redress', role: 'system', via: 'worker' };
