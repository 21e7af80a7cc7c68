import { COMMANDS, complaintReader, type CommandName, type Commands } from '#complaints/contract';
import {
  AppendUnknown,
  step,
  StoreUnavailable,
  transact,
  type EventStore,
} from '#event-store/port';
import { instantFromMillis, type Position, type Randomness } from '#kernel';

export type Command = { [Name in CommandName]: readonly [Name, Commands[Name]] }[CommandName];

/** A command on its way: what a client must send again, unchanged, until it is acknowledged. */
export type Given = {
  readonly key: string;
  /** Made of key, actor and target, as the API makes it. */
  readonly commandId: string;
  readonly stream: string;
  readonly command: Command;
};

/** Why a client is to give the same command again. */
export type Setback = 'unavailable' | 'unknown' | 'conflict';

export type Told =
  | { readonly kind: 'done'; readonly revision: number; readonly position: Position }
  | { readonly kind: 'again'; readonly because: Setback };

/** A way in. @throws Error when a command is refused that nothing speaks against. */
export type Door = { give(given: Given): Promise<Told> };

/** Straight to the log, as a program with the contexts in it goes. */
export function directDoor(eventStore: EventStore, randomness: Randomness, actorId: string): Door {
  const actor = { id: actorId, role: 'case-handler', via: 'http' };
  return {
    give: async ({ commandId, stream, command: [name, said] }) => {
      const context = { commandId, actor, now: instantFromMillis(Date.now()) };
      // The command fits its own name, which the table's type cannot tell.
      const decide = COMMANDS[name].decide as (typeof COMMANDS)['lodge-complaint']['decide'];
      const steps = [step(decide, said as Commands['lodge-complaint'], context)];
      try {
        const transaction = { stream, reader: complaintReader, steps };
        const outcome = await transact(eventStore, randomness, transaction);
        if (outcome.kind === 'done') return outcome;
        if (outcome.code === 'revision.conflict') return { kind: 'again', because: 'conflict' };
        throw new Error(`${name} ${commandId} was refused: ${outcome.code}`);
      } catch (error) {
        if (error instanceof AppendUnknown) return { kind: 'again', because: 'unknown' };
        if (error instanceof StoreUnavailable) return { kind: 'again', because: 'unavailable' };
        throw error;
      }
    },
  };
}

const NOUNS: { readonly [Name in CommandName]?: string } = {
  'acknowledge-complaint': 'acknowledgement',
  'assess-complaint': 'assessment',
  'classify-complaint': 'classification',
  'assign-complaint': 'assignment',
  'communicate-decision': 'decision',
  'record-reply': 'reply',
  'close-complaint': 'closure',
  'record-contact': 'contacts',
};

const AGAIN: Readonly<Record<string, Setback>> = {
  'store.append-unknown': 'unknown',
  'store.unavailable': 'unavailable',
  'revision.conflict': 'conflict',
};

/** Over HTTP, with a key, as everybody else goes. */
export function httpDoor(address: string, token: string): Door {
  return {
    give: async ({ key, stream, command: [name, said] }) => {
      const id = stream.slice('complaint-'.length);
      const noun = NOUNS[name];
      const path = name === 'lodge-complaint' ? '' : `/${id}/${noun}`;
      // The reference is what the server makes of the key.
      const { reference: _, ...body } = { reference: undefined, ...said };
      const response = await fetch(`${address}/v1/complaints${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': key,
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as Readonly<Record<string, unknown>>;
      if (response.ok) {
        if (answer['id'] !== id) throw new Error(`${key}: asked for ${id}, got ${answer['id']}`);
        const { revision, position } = answer;
        return { kind: 'done', revision: Number(revision), position: String(position) };
      }
      const because = AGAIN[String(answer['code'])];
      if (because) return { kind: 'again', because };
      throw new Error(`${name} ${key} was refused: ${response.status} ${answer['code']}`);
    },
  };
}
