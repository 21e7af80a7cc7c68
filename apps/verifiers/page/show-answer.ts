import type { Fault } from '#evidence';
import type { Answer } from './answer.js';
import type { PageDocument, PageElement } from './dom.js';

type Children = readonly (PageElement | string)[];

/** The answer as elements; texts go in as text, never as markup. The heading takes the focus. */
export function showAnswer(page: PageDocument, place: PageElement, answer: Answer): void {
  const make = (name: string, ...children: Children): PageElement => {
    const element = page.createElement(name);
    element.append(...children);
    return element;
  };
  const list = (title: string, items: readonly string[]): Children =>
    items.length === 0
      ? []
      : [make('h3', title), make('ul', ...items.map((item) => make('li', item)))];
  const heading = make('h2', answer.title);
  heading.setAttribute('id', 'title');
  heading.setAttribute('class', answer.holds ? 'holds' : 'broken');
  heading.setAttribute('tabindex', '-1');
  place.replaceChildren(
    heading,
    make('p', answer.summary),
    ...(answer.faults.length === 0 ? [] : [faultsTable(make, answer)]),
    ...list('What was checked', answer.checks),
    ...list('What is not proved', answer.notProved),
  );
  heading.focus();
}

function faultsTable(
  make: (name: string, ...children: Children) => PageElement,
  { faults, faultCount }: Answer,
): PageElement {
  const head = ['What', 'Where', 'Why'].map((name) => {
    const cell = make('th', name);
    cell.setAttribute('scope', 'col');
    return cell;
  });
  const rows = faults.map((fault) =>
    make('tr', make('td', fault.what), make('td', whereOf(fault)), make('td', fault.reason)),
  );
  const caption = make('caption', `Faults: ${faults.length} of ${faultCount} listed`);
  return make('table', caption, make('thead', make('tr', ...head)), make('tbody', ...rows));
}

function whereOf({ index, path, eventId }: Fault): string {
  const parts = [index === null ? '' : String(index), path ?? '', eventId ?? ''];
  return parts.filter((part) => part !== '').join(' · ');
}
