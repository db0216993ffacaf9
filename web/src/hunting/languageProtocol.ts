// What goes between the page and the worker that knows the language.

export interface LanguageCall {
  id: number;
  method: 'schema' | 'check' | 'complete' | 'hover' | 'signature' | 'format' | 'tokens';
  /** The text of the query; of the schema as JSON. */
  text: string;
  /** A position in bytes. */
  at: number;
}

export interface LanguageAnswer {
  id: number;
  value?: unknown;
  error?: string;
}
