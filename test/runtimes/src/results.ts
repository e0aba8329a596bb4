import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const FILE = resolve(__dirname, '../../../test-results/runtimes.json');

/** What was found of one skeleton on this machine. */
export interface RuntimeResult {
  /** Folder of the skeleton. */
  skeleton: string;
  runtime: string;
  built: boolean;
  /** What kept it from being built. */
  missing: string[];
  tools?: Record<string, string>;
  bytes?: number;
  gzipBytes?: number;
  buildMs?: number;
  /** From the file of the module to the first answer. */
  coldStartMs?: number;
  /** One client, each request by an instance of its own. */
  requestsPerSecond?: number;
  passed: number;
  failed: number;
  skipped: number;
}

/** Leaves the results for `node scripts/runtimes-table.mjs`. */
export async function writeResults(results: RuntimeResult[]): Promise<void> {
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(FILE, `${JSON.stringify(results, null, 2)}\n`);
}
