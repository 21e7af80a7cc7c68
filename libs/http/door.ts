import type { AppendUnknown } from '#event-store/port';
import type { Actor, InvariantBroken } from '#kernel';
import { authorise, type AccessOptions, type Right } from './access.js';
import type { WriteText } from './access-log.js';
import { sendProblem, type DoorReply, type DoorRequest } from './answers.js';
import { Metrics } from './metrics.js';
import { COMMON_PROBLEMS } from './problem-catalogue.js';
import { RequestRefused, type ProblemCatalogue } from './problem.js';

/** Whether the process can serve, and why not. */
export type Readiness = {
  readonly ready: boolean;
  readonly checks: { readonly [name: string]: object };
};

/** After these the process cannot go on: recovery at the next start is what sets things right. */
export type EndingError = InvariantBroken | AppendUnknown;

export type DoorOptions = {
  readonly access: AccessOptions;
  /** The refusals of the contexts behind this door, beside {@link COMMON_PROBLEMS}. */
  readonly problems: ProblemCatalogue;
  readonly metrics: Metrics;
  readonly readiness: () => Promise<Readiness>;
  /** Longest wait for `Redress-Position`, in milliseconds. */
  readonly positionWaitMs: number;
  /** Called once the answer to the request that met it is sent; is to end the process. */
  readonly onBroken: (error: EndingError) => void;
  /** Where faults are told, one JSON object a line; standard error in a process. */
  readonly writeLog: WriteText;
  /** Where requests are told; silent when absent. */
  readonly writeAccessLog?: WriteText | undefined;
  /** Stands in the OpenAPI document. */
  readonly version: string;
};

/** What routes share: who acts, how a refusal is answered, what is measured. */
export class Door {
  readonly problems: ProblemCatalogue;
  readonly metrics: Metrics;

  constructor(readonly options: DoorOptions) {
    this.problems = { ...COMMON_PROBLEMS, ...options.problems };
    this.metrics = options.metrics;
  }

  /** @throws RequestRefused when the request may not do this. */
  actor(request: DoorRequest, right: Right): Actor {
    return authorise(this.options.access, request.headers.authorization, right);
  }

  /** As {@link actor}, where there is another way in: it need not be said why a request may not. */
  allows(request: DoorRequest, right: Right): boolean {
    try {
      this.actor(request, right);
      return true;
    } catch (error) {
      if (error instanceof RequestRefused) return false;
      throw error;
    }
  }

  refuse(reply: DoorReply, refused: Pick<RequestRefused, 'code' | 'message'>): void {
    sendProblem(reply, this.problems, refused);
  }
}
