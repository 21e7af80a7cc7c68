/** How far a rebuild or comparison is. */
export type Progress = {
  readonly phase: 'folding' | 'indexing' | 'catching-up' | 'comparing';
  /** The projection it is about, when about one. */
  readonly projection?: string;
  readonly events: number;
  readonly eventsTotal: number;
};

export type ReportProgress = (progress: Progress) => void;
