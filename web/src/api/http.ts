// The one place that talks HTTP. Errors arrive as problem details (RFC 9457).

export type Query = Record<string, string | number | boolean | string[] | undefined>;

/** What went wrong, in words for the user, and what can be done about it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly next: string,
  ) {
    super(detail === '' ? title : detail);
  }

  /** Whether asking again may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function queryString(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const item of Array.isArray(value) ? value : [value]) params.append(key, String(item));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return request<T>('GET', path + queryString(query), undefined, signal);
}

export function send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  return request<T>(method, path, body);
}

async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      signal: signal ?? null,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem(0, 'The server cannot be reached', '', 'Check the connection, then try again.');
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function problemOf(response: Response): Promise<Problem> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = undefined;
  }
  const field = (name: string): string => {
    if (typeof body !== 'object' || body === null) return '';
    const value = (body as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : '';
  };
  const title = field('title') || response.statusText || `The server answered ${response.status}`;
  return new Problem(response.status, title, [field('detail'), ...fieldErrors(body)].filter(Boolean).join(' '), field('next'));
}

function fieldErrors(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const errors = (body as { errors?: unknown }).errors;
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 3).flatMap((e: unknown) => {
    if (typeof e !== 'object' || e === null) return [];
    const { message, location } = e as { message?: unknown; location?: unknown };
    if (typeof message !== 'string') return [];
    return [typeof location === 'string' && location !== '' ? `${location}: ${message}` : message];
  });
}
