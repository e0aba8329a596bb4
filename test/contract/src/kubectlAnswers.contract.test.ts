import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  call,
  startLocalTarget,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { assets, startKubeApiserverTarget } from './kubeApiserverTarget';
import { stories, type Command } from './kubectlStories';

jest.setTimeout(60_000);

const kubectlIsInstalled = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not there, or not to be run: the tests are skipped by name.
    return false;
  }
})();

/** One API as kubectl sees it; its cache of what is served is kept. */
interface Side {
  target: KubernetesTarget;
  directory: string;
  namespace: string;
}

(assets && kubectlIsInstalled ? describe : describe.skip)(
  'kubectl (tools: kubectl, KUBEBUILDER_ASSETS) on the local platform and on a real kube-apiserver',
  () => {
    let sides: Side[] = [];

    beforeAll(async () => {
      const targets = [
        await startLocalTarget(),
        await startKubeApiserverTarget(),
      ];
      sides = targets.map(target => {
        const directory = mkdtempSync(join(tmpdir(), 'kubectl-'));
        writeFileSync(join(directory, 'kubeconfig'), target.kubeconfig, {
          mode: 0o600,
        });
        return { target, directory, namespace: '' };
      });
    });
    afterAll(async () => {
      for (const { target, directory } of sides) {
        await target.close();
        rmSync(directory, { recursive: true, force: true });
      }
    });
    beforeEach(async () => {
      for (const side of sides) {
        const { body } = await call(side.target, 'POST', '/api/v1/namespaces', {
          body: { metadata: { generateName: 'kubectl-' } },
        });
        side.namespace = body.metadata.name;
      }
    });

    const run = (side: Side, [text, stdin = '']: Command) =>
      new Promise<string>(resolve => {
        const args = text
          .match(/'[^']*'|\S+/g)!
          .map(part => part.replace(/^'|'$/g, ''))
          .map(part => part.replace(/NAMESPACE/g, side.namespace));
        const child = execFile(
          'kubectl',
          ['--namespace', side.namespace, ...args],
          {
            env: {
              PATH: process.env.PATH,
              HOME: side.directory,
              KUBECONFIG: join(side.directory, 'kubeconfig'),
            },
          },
          (error, stdout, stderr) =>
            resolve(
              stable(
                [
                  `$ kubectl ${text}`,
                  stdout,
                  stderr,
                  `exit ${error ? error.code : 0}`,
                ].join('\n'),
                side.namespace,
              ),
            ),
        );
        child.stdin!.end(stdin);
      });

    const tell = async (side: Side, commands: Command[]) => {
      const told: string[] = [];
      for (const command of commands) {
        told.push(await run(side, command));
      }
      return told.join('\n');
    };

    it.each(Object.entries(stories))(
      'says the same: %s',
      async (_, commands) => {
        const [local, real] = await Promise.all(
          sides.map(side => tell(side, commands)),
        );
        expect(local).toBe(real);
      },
    );
  },
);

/** Without what differs from one API to another of the same kind. */
function stable(text: string, namespace: string): string {
  return text
    .split(namespace)
    .join('<namespace>')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>')
    .replace(/(resource ?version[\\":]+\s*[\\"]*)\d+/gi, '$1<resourceVersion>')
    .replace(/https:\/\/127\.0\.0\.1:\d+/g, '<server>')
    .replace(/\b\d+(s|m\d+s|m|ms)\b/g, '<age>')
    .replace(/.*\/(LIVE|MERGED)-\d+.*\n/g, '')
    .replace(/[\w-]+\.[\w-]+\.[\w-]{20,}/g, '<token>');
}
