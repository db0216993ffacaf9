import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// CLEW_URL points the development server at a running Clew (`clew serve`).
const target = process.env.CLEW_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // The content security policy has no data: sources.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1700, // the layout engine's worker, loaded with the graph only
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': { target, changeOrigin: false } } },
});
