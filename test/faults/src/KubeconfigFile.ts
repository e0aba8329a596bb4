import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfig } from '@wasi-functions/local-platform';
import type { Connection } from './FaultyCluster';

/** A kubeconfig in a folder of its own, written at once as an operator's tool does. */
export class KubeconfigFile {
  readonly directory = mkdtempSync(join(tmpdir(), 'wasi-faults-'));
  readonly path = join(this.directory, 'kubeconfig');

  connect(connection: Connection): void {
    this.write(kubeconfig(connection));
  }

  write(text: string): void {
    writeAtOnce(this.path, text);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** So that nobody reads half of it. */
export function writeAtOnce(path: string, text: string): void {
  const incoming = `${path}.incoming`;
  writeFileSync(incoming, text, { mode: 0o600 });
  renameSync(incoming, path);
}
