import type { Diagnostic } from './contract';

// What the editor asks of the language. Positions count UTF-16 units.

export interface Completion {
  label: string;
  /** "table", "column", "function", "operator", "keyword", … */
  kind: string;
  /** The type or signature, shown beside the label. */
  detail: string;
  /** A sentence or two. */
  info: string;
  /** What is written; the label when empty. */
  insert: string;
}

export interface Completions {
  /** Where the word begins that a completion replaces. */
  from: number;
  to: number;
  items: Completion[];
}

export interface Hover {
  start: number;
  end: number;
  title: string;
  text: string;
}

export interface Signature {
  /** The whole signature: "strcat(text, ...)". */
  label: string;
  parameters: string[];
  /** The parameter that the cursor is in. */
  active: number;
  text: string;
}

export interface Token {
  start: number;
  end: number;
  /** "keyword", "function", "table", "column", "string", "number", "comment", "operator", … */
  kind: string;
}

export interface LanguageService {
  check(text: string): Promise<Diagnostic[]>;
  complete(text: string, at: number): Promise<Completions | undefined>;
  hover(text: string, at: number): Promise<Hover | undefined>;
  signature(text: string, at: number): Promise<Signature | undefined>;
  format(text: string): Promise<string>;
  tokens(text: string): Promise<Token[]>;
}
