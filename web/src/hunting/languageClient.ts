import type { Diagnostic } from './contract';
import type { Completions, Hover, LanguageService, Signature, Token } from './language';
import type { LanguageAnswer, LanguageCall } from './languageProtocol';
import type { LanguageSchema } from './languageSchema';
import { Offsets } from './offsets';

/** How the language is asked: a method, a text and a position in bytes; the answer as JSON gives it. */
export type Ask = (method: LanguageCall['method'], text: string, at?: number) => Promise<unknown>;

/**
 * The language service over whatever runs the checker. The checker counts bytes
 * of UTF-8, the editor units of UTF-16; here one becomes the other.
 */
export class Language implements LanguageService {
  constructor(private readonly ask: Ask) {}

  /** Tells the checker the tables and saved functions of the workspace. */
  async learn(schema: LanguageSchema): Promise<void> {
    await this.ask('schema', JSON.stringify(schema));
  }

  async check(text: string): Promise<Diagnostic[]> {
    const found = (await this.ask('check', text)) as Diagnostic[];
    const at = new Offsets(text);
    return found.map((d) => ({ ...placed(d, at), fixes: d.fixes.map((fix) => placed(fix, at)) }));
  }

  async complete(text: string, offset: number): Promise<Completions | undefined> {
    const at = new Offsets(text);
    const found = (await this.ask('complete', text, at.toBytes(offset))) as Completions;
    return { ...found, from: at.toUnits(found.from), to: at.toUnits(found.to) };
  }

  async hover(text: string, offset: number): Promise<Hover | undefined> {
    const at = new Offsets(text);
    const found = (await this.ask('hover', text, at.toBytes(offset))) as Hover | null;
    return found === null ? undefined : placed(found, at);
  }

  async signature(text: string, offset: number): Promise<Signature | undefined> {
    const at = new Offsets(text);
    return ((await this.ask('signature', text, at.toBytes(offset))) as Signature | null) ?? undefined;
  }

  async format(text: string): Promise<string> {
    return (await this.ask('format', text)) as string;
  }

  async tokens(text: string): Promise<Token[]> {
    const at = new Offsets(text);
    return ((await this.ask('tokens', text)) as Token[]).map((t) => placed(t, at));
  }
}

const placed = <T extends { start: number; end: number }>(thing: T, at: Offsets): T => ({
  ...thing,
  start: at.toUnits(thing.start),
  end: at.toUnits(thing.end),
});

/** Asks a worker; calls wait while it starts, and fail when it cannot. */
function workerAsk(): Ask {
  const worker = new Worker(new URL('./languageWorker.ts', import.meta.url), { type: 'module', name: 'language' });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  worker.onmessage = ({ data }: MessageEvent<LanguageAnswer>) => {
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error === undefined) call?.resolve(data.value);
    else call?.reject(new Error(data.error));
  };
  worker.onerror = (event) => {
    for (const call of waiting.values()) call.reject(new Error(event.message));
    waiting.clear();
  };
  return (method, text, at = 0) =>
    new Promise((resolve, reject) => {
      const call: LanguageCall = { id: ++last, method, text, at };
      waiting.set(call.id, { resolve, reject });
      worker.postMessage(call);
    });
}

let service: Language | undefined;

/** The language of the portal's own checker; one for the page, started when it is first asked for. */
export function languageService(): Language {
  service ??= new Language(workerAsk());
  return service;
}
