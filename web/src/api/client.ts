// The one place that talks HTTP. Paths, parameters and bodies are typed by the
// API's own description (schema.d.ts); errors arrive as problem details.

import createClient from 'openapi-fetch';
import type { paths } from './schema';

export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin,
  credentials: 'same-origin',
  querySerializer: { array: { style: 'form', explode: true } },
});

/** What went wrong, in words for the user, and what can be done about it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly next: string,
    /** Nobody has an account yet. */
    readonly setupNeeded = false,
    /** The places of a query that are at fault. */
    readonly faults: Fault[] = [],
  ) {
    super(detail === '' ? title : detail);
  }

  /** Whether asking again may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** A finding about a place of a text that was sent; positions count bytes of UTF-8. */
export interface Fault {
  message: string;
  start: number;
  end: number;
  code: string;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Waits for an answer; anything but success becomes a Problem. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  let result: Answer<T>;
  try {
    result = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem(0, 'The server cannot be reached', '', 'Check the connection, then try again.');
  }
  if (!result.response.ok) throw problemOf(result.response, result.error);
  return result.data as T;
}

/** Reads problem details; whatever a proxy says instead becomes one too. */
export function problemOf(response: Response, body: unknown): Problem {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
  const title = text('title') || response.statusText || `The server answered ${response.status}`;
  const detail = [text('detail'), ...fieldErrors(fields.errors)].filter(Boolean).join(' ');
  return new Problem(response.status, title, detail, text('next'), fields.setupNeeded === true, faultsOf(fields.errors));
}

function fieldErrors(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 3).flatMap((e: unknown) => {
    if (typeof e !== 'object' || e === null) return [];
    const { message, location: at } = e as { message?: unknown; location?: unknown };
    if (typeof message !== 'string') return [];
    return [typeof at === 'string' && at !== '' ? `${at}: ${message}` : message];
  });
}

function faultsOf(errors: unknown): Fault[] {
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 100).flatMap((e: unknown) => {
    if (typeof e !== 'object' || e === null) return [];
    const { message, start, end, code } = e as Record<string, unknown>;
    if (typeof message !== 'string' || typeof start !== 'number' || typeof end !== 'number') return [];
    return [{ message, start, end, code: typeof code === 'string' ? code : '' }];
  });
}

/** Filters as the lists make them: the names are those of the API's parameters. */
export type Query = Record<string, string | number | boolean | string[] | undefined>;
