import { brotliCompressSync, constants } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// CLEW_URL points the development server at a running Clew (`clew serve`).
const target = process.env.CLEW_URL ?? 'http://127.0.0.1:8080';

/** Packs WebAssembly once, at build; the server sends that form. */
function packed(): Plugin {
  return {
    name: 'packed-wasm',
    apply: 'build',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.wasm')) continue;
        const source = brotliCompressSync(file.source, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 },
        });
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.br`, source });
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), packed()],
  build: {
    target: 'es2022',
    // The content security policy has no data: sources.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1700, // the layout engine's worker, loaded with the graph only
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': { target, changeOrigin: false } } },
});
