import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { portal } from './test/e2e/portal';

/**
 * Browser tests run the portal as a user does, by `npm start`, on ports and a
 * state folder of their own, so that an open portal is left alone.
 */
export default defineConfig({
  testDir: join(__dirname, 'test/e2e'),
  outputDir: join(__dirname, 'test-results/e2e'),
  fullyParallel: false,
  workers: 1,
  retries: 0,
  timeout: 300_000,
  expect: { timeout: 30_000 },
  use: {
    baseURL: portal.url,
    viewport: { width: 1280, height: 900 },
    colorScheme: 'light',
    actionTimeout: 30_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH,
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: 'node scripts/start.mjs',
    url: portal.url,
    env: portal.environment,
    timeout: 600_000,
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
    reuseExistingServer: false,
  },
});
