// What goes between the page and the worker that knows the language.

export interface LanguageCall {
  id: number;
  entry: string;
  request: unknown;
}

export interface LanguageAnswer {
  id: number;
  value?: unknown;
  error?: string;
}
