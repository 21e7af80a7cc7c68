/**
 * What the witness keeps is not as it left it: damaged, partly gone, or changed by somebody else.
 * Nothing is cosigned from it and nothing repaired: a witness that forgets vouches for a fork.
 */
export class WitnessStateDamaged extends Error {
  override readonly name = 'WitnessStateDamaged';
  readonly code = 'witness.state-damaged';
}

/** The key's file holds no key of a witness, or one of another name. */
export class WitnessKeyRefused extends Error {
  override readonly name = 'WitnessKeyRefused';
  readonly code = 'configuration.witness-key-refused';
}

/** More requests wait for one log than are kept waiting. */
export class WitnessBusy extends Error {
  override readonly name = 'WitnessBusy';
  readonly code = 'witness.busy';
}
