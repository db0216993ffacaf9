import { defineConfig } from 'vitest/config';

// The portal in a real Chromium against a real server: CLEW_URL names it,
// CLEW_SETUP_LINK is the one-time link of its first administrator, and
// CLEW_SCREENSHOTS, when set, a folder for pictures of every page.
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    sequence: { concurrent: false },
    bail: 1,
  },
});
