import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'sandbox/**/*.test.ts', 'bench/**/*.test.ts', 'test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/support/global-setup.ts'],
    // By default one core is left to the database, which leaves both half idle on a machine with two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Whole programs are started and stopped while browsers have the other core.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is polled for may take its time on a busy machine; the test's own limit ends it.
    expect: { requireAssertions: true, poll: { timeout: 60_000 } },
  },
})
