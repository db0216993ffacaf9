// The query language itself, compiled from the server's own checker to
// WebAssembly. It runs beside the page, so that typing never waits for it.

// Go's own glue, beside the binary; both are made by the build.
import './kql/wasm_exec.js';
import binary from './kql/kql.wasm?url';
import type { LanguageAnswer, LanguageCall } from './languageProtocol';

interface Go {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

type Method = (text: string, at: number) => string;

/** What of a worker's own scope is used here. */
interface Scope {
  Go: new () => Go;
  clewKql?: Record<string, Method>;
  onmessage: ((event: MessageEvent<LanguageCall>) => void) | null;
  postMessage(answer: LanguageAnswer): void;
}

const scope = self as unknown as Scope;

const ready = start();

/** The entry points are there when the program first waits. */
async function start(): Promise<Record<string, Method>> {
  const go = new scope.Go();
  const { instance } = await WebAssembly.instantiateStreaming(fetch(binary), go.importObject);
  void go.run(instance);
  if (scope.clewKql === undefined) throw new Error('The query language did not start.');
  return scope.clewKql;
}

scope.onmessage = async ({ data }: MessageEvent<LanguageCall>) => {
  scope.postMessage(await answer(data));
};

async function answer({ id, method, text, at }: LanguageCall): Promise<LanguageAnswer> {
  try {
    const call = (await ready)[method];
    if (call === undefined) return { id, error: `There is no ${method}.` };
    const value: unknown = JSON.parse(call(text, at));
    const failed = typeof value === 'object' && value !== null && 'error' in value;
    return failed ? { id, error: String(value.error) } : { id, value };
  } catch (error) {
    return { id, error: String(error) };
  }
}
