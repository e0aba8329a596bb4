import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// The sources are TypeScript, as the backend runs them in development.
const TRANSFORM = createRequire(__filename).resolve(
  '@backstage/cli-node/config/nodeTransform.cjs',
);

/** A backend in a process of its own, which can be killed. */
export class BackendProcess {
  private constructor(
    readonly url: string,
    readonly lines: string[],
    readonly child: ChildProcess,
  ) {}

  /** Starts one with what `file` holds; see `backendChild.ts`. */
  static async start(file: string): Promise<BackendProcess> {
    const child = spawn(
      process.execPath,
      // eslint-disable-next-line no-restricted-syntax -- of a test, which is never built
      ['--require', TRANSFORM, join(__dirname, 'backendChild.ts'), file],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const lines: string[] = [];
    const port = await new Promise<string>((resolve, reject) => {
      const read = (line: string) => {
        lines.push(line);
        if (line.startsWith('PORT ')) {
          resolve(line.slice('PORT '.length));
        }
      };
      createInterface({ input: child.stdout! }).on('line', read);
      createInterface({ input: child.stderr! }).on('line', read);
      child.once('exit', code =>
        reject(new Error(`It ended (${code}):\n${lines.join('\n')}`)),
      );
    });
    return new BackendProcess(`http://localhost:${port}`, lines, child);
  }

  /** Deploys from the catalog that this one has made. */
  get deploys(): number {
    return this.lines.filter(line => line.includes('func.yaml was applied'))
      .length;
  }

  /** Ends it as a machine does that is switched off. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
  }
}
