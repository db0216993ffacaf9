// How the address bar is written and read: plain repeated parameters, all text.

export type Search = Record<string, string | string[]>;

export function parseSearch(text: string): Search {
  const out: Search = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = out[key];
    out[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return out;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null && item !== '') params.append(key, String(item));
    }
  }
  const out = params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',');
  return out === '' ? '' : `?${out}`;
}

/** A parameter as one text; the first when it is repeated. */
export function one(value: unknown): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
}

/** A parameter as a list; undefined when it is missing. */
export function many(value: unknown): string[] | undefined {
  const list = (Array.isArray(value) ? value : [value]).filter((v): v is string => typeof v === 'string');
  return list.length === 0 ? undefined : list;
}

/** A parameter as a whole number that may be 0. */
export function whole(value: unknown): number | undefined {
  const text = one(value);
  const n = Number(text);
  return text !== undefined && Number.isSafeInteger(n) && n >= 0 ? n : undefined;
}

export function positive(value: unknown): number | undefined {
  const n = Number(one(value));
  return Number.isSafeInteger(n) && n > 0 ? n : undefined;
}
