import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The portal's own test sets the account up, so it comes first; the rest by name. */
class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = (f: TestSpecification) => (f.moduleId.endsWith('/portal.test.ts') ? '' : f.moduleId);
    return [...files].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }
}

// The portal in a real Chromium against a real server: CLEW_URL names it,
// CLEW_SETUP_LINK is the one-time link of its first administrator, and
// CLEW_SCREENSHOTS, when set, a folder for pictures of every page, CLEW_FAILED a
// file for what failed and what the pages showed then.
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    setupFiles: ['e2e/failed.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As long as the browser itself waits (open in browser.ts), not the second that is the default.
    expect: { poll: { timeout: 15_000 } },
    fileParallelism: false,
    sequence: { concurrent: false, sequencer: InOrder },
    bail: 1,
  },
});
