// Mark-up in which every value is escaped, unless it is mark-up itself.

export class Html {
  constructor(readonly markup: string) {}
}

/** `` html`<p>${name}</p>` ``: the values are escaped, so that a name is text and never a tag. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  return new Html(parts.reduce((whole, part, at) => whole + markupOf(values[at - 1]!) + part));
}

function markupOf(value: string | Html | readonly Html[]): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
  return value.map(({ markup }) => markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
