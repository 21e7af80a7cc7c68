/** The little of a browser that this page uses; the compiler knows Node's names only. */
export type PageElement = {
  readonly value: string;
  readonly setAttribute: (name: string, value: string) => void;
  /** Of a text field. */
  readonly setRangeText: (text: string, start: number, end: number) => void;
  readonly files: Iterable<PageFile> | null;
  readonly append: (...children: readonly (PageElement | string)[]) => void;
  readonly replaceChildren: (...children: readonly (PageElement | string)[]) => void;
  readonly focus: () => void;
  readonly addEventListener: Listen;
};

export type PageFile = {
  readonly name: string;
  readonly size: number;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
};

export type PageEvent = {
  readonly preventDefault: () => void;
  readonly dataTransfer?: { readonly files: Iterable<PageFile> } | null;
};

type Listen = (
  kind: 'submit' | 'dragover' | 'drop' | 'change',
  listener: (event: PageEvent) => void,
) => void;

export type PageDocument = {
  readonly createElement: (name: string) => PageElement;
  readonly getElementById: (id: string) => PageElement | null;
  readonly addEventListener: Listen;
};
