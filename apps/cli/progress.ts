import cliProgress from 'cli-progress';

/** Between two lines where a bar cannot be drawn. */
const LINE_INTERVAL_MS = 2_000;
/** Nobody wants a bar for what is over at once. */
const DELAY_MS = 400;

export type Progress = {
  /** `done` of `total` in whatever unit; a total of 0 is not known yet. */
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
};

/** Tells on stderr how far something is: a bar on a terminal, else a line now and then. */
export function startProgress(label: string): Progress {
  return process.stderr.isTTY ? bar(label) : lines(label);
}

function bar(label: string): Progress {
  const startedAt = Date.now();
  const drawn = new cliProgress.SingleBar({
    format: `${label} {bar} {percentage}% · {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let isDrawn = false;
  return {
    update: (done, total) => {
      if (!isDrawn && Date.now() - startedAt < DELAY_MS) return;
      if (!isDrawn) drawn.start(Math.max(total, 1), 0);
      isDrawn = true;
      drawn.setTotal(Math.max(total, 1));
      drawn.update(done);
    },
    stop: () => {
      if (isDrawn) drawn.stop();
      isDrawn = false;
    },
  };
}

function lines(label: string): Progress {
  let saidAt = Date.now();
  return {
    update: (done, total) => {
      if (Date.now() - saidAt < LINE_INTERVAL_MS) return;
      saidAt = Date.now();
      const share = total > 0 ? ` (${Math.floor((done / total) * 100)} %)` : '';
      process.stderr.write(`${label}: ${done.toLocaleString('en-US')}${share}\n`);
    },
    stop: () => undefined,
  };
}
