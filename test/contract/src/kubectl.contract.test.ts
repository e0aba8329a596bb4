import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  call,
  startLocalTarget,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { targets } from './targets';

const EXAMPLE = join(__dirname, '__fixtures__', 'wasm-module.yaml');
const EXAMPLE_IMAGE =
  'quay.io/cardil/knative/serving/wasm/example/reverse-text';

const kubectlIsInstalled = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not there, or not to be run: the tests are skipped by name.
    return false;
  }
})();
const describeWithKubectl = kubectlIsInstalled ? describe : describe.skip;

describeWithKubectl.each(targets.filter(({ present }) => present))(
  'kubectl (tool: kubectl) against $title',
  ({ title, start }) => {
    const isLocal = title === 'the local platform';
    let target: KubernetesTarget;
    let directory: string;
    let environment: NodeJS.ProcessEnv;
    let namespace: string;

    interface Outcome {
      code: number;
      stdout: string;
      stderr: string;
    }
    const kubectl = (
      args: string[],
      options: { stdin?: string; env?: NodeJS.ProcessEnv } = {},
    ): Promise<Outcome> =>
      new Promise(resolve => {
        const child = execFile(
          'kubectl',
          ['--namespace', namespace, ...args],
          { env: { ...environment, ...options.env } },
          (error, stdout, stderr) =>
            resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
        );
        child.stdin!.end(options.stdin ?? '');
      });
    const succeed = async (...parameters: Parameters<typeof kubectl>) => {
      const outcome = await kubectl(...parameters);
      expect(outcome).toMatchObject({ code: 0 });
      return outcome.stdout;
    };
    const setReady = (name: string, status: string) =>
      succeed([
        'patch',
        'wasmmodule',
        name,
        '--subresource=status',
        '--type=merge',
        '--patch',
        JSON.stringify({
          status: {
            address: { url: `http://${name}.example` },
            conditions: [{ type: 'Ready', status, reason: 'Tested' }],
          },
        }),
      ]);

    beforeAll(async () => {
      target = await start();
      directory = mkdtempSync(join(tmpdir(), 'kubectl-'));
      const path = join(directory, 'kubeconfig');
      writeFileSync(path, target.kubeconfig, { mode: 0o600 });
      environment = {
        PATH: process.env.PATH,
        HOME: directory,
        KUBECONFIG: path,
      };
    }, 120_000);
    afterAll(async () => {
      await target?.close();
      rmSync(directory, { recursive: true, force: true });
    }, 60_000);
    beforeEach(async () => {
      const { body } = await call(target, 'POST', '/api/v1/namespaces', {
        body: { metadata: { generateName: 'kubectl-' } },
      });
      namespace = body.metadata.name;
    });

    it('applies the example of knative-serving-wasm, and lists it', async () => {
      expect(await succeed(['apply', '-f', EXAMPLE])).toBe(
        'wasmmodule.wasm.serving.knative.dev/reverse-string created\n',
      );
      expect(await succeed(['apply', '-f', EXAMPLE])).toBe(
        'wasmmodule.wasm.serving.knative.dev/reverse-string unchanged\n',
      );
      await setReady('reverse-string', 'True');
      const [header, row] = (await succeed(['get', 'wasm'])).split('\n');
      expect(header.split(/ +/)).toEqual([
        'NAME',
        'ADDRESS',
        'READY',
        'REASON',
      ]);
      expect(row.split(/ +/)).toEqual([
        'reverse-string',
        'http://reverse-string.example',
        'True',
        'Tested',
      ]);
    }, 30_000);

    it('removes from a re-applied manifest what it no longer names', async () => {
      const manifest = (spec: object) =>
        JSON.stringify({
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          metadata: { name: 'one' },
          spec: { image: 'example/one', ...spec },
        });
      await succeed(['apply', '-f', '-'], {
        stdin: manifest({ args: ['a'], env: [{ name: 'A', value: 'b' }] }),
      });
      await succeed(['apply', '-f', '-'], { stdin: manifest({ args: ['a'] }) });
      expect(
        await succeed(['get', 'wasm', 'one', '-o', 'jsonpath={.spec}']),
      ).toBe('{"args":["a"],"image":"example/one"}');
    }, 30_000);

    it('shows what an apply would change', async () => {
      await succeed(['apply', '-f', EXAMPLE]);
      await succeed([
        'patch',
        'wasm',
        'reverse-string',
        '--type=merge',
        '-p',
        '{"spec":{"image":"example/other"}}',
      ]);
      const { code, stdout } = await kubectl(['diff', '-f', EXAMPLE]);
      expect(code).toBe(1);
      expect(stdout).toContain('-  image: example/other\n');
      expect(stdout).toContain(`+  image: ${EXAMPLE_IMAGE}\n`);
    }, 30_000);

    it('refuses a server-side apply over another manager, and takes over by force', async () => {
      await succeed(['apply', '--server-side', '-f', EXAMPLE]);
      const other = JSON.stringify({
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: 'reverse-string' },
        spec: { image: 'example/other' },
      });
      const asOther = ['apply', '--server-side', '--field-manager=other'];
      const refused = await kubectl([...asOther, '-f', '-'], { stdin: other });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(
        'Apply failed with 1 conflict: conflict with "kubectl": .spec.image',
      );
      await succeed([...asOther, '--force-conflicts', '-f', '-'], {
        stdin: other,
      });
      expect(
        await succeed([
          'get',
          'wasm',
          'reverse-string',
          '-o',
          'jsonpath={.spec.image}',
        ]),
      ).toBe('example/other');
    }, 30_000);

    it('goes from client-side to server-side apply without a conflict', async () => {
      await succeed(['apply', '-f', EXAMPLE]);
      expect(await succeed(['apply', '--server-side', '-f', EXAMPLE])).toBe(
        'wasmmodule.wasm.serving.knative.dev/reverse-string serverside-applied\n',
      );
      const managers = await succeed([
        'get',
        'wasm',
        'reverse-string',
        '-o',
        'jsonpath={.metadata.managedFields[*].manager}',
        '--show-managed-fields',
      ]);
      expect(managers).toBe('kubectl kubectl-last-applied');
    }, 30_000);

    it('names a misspelt field before anything is stored', async () => {
      const { code, stderr } = await kubectl(['apply', '-f', '-'], {
        stdin: JSON.stringify({
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          metadata: { name: 'one' },
          spec: { image: 'example/one', imge: 'x' },
        }),
      });
      expect(code).toBe(1);
      expect(stderr).toContain(
        'strict decoding error: unknown field "spec.imge"',
      );
    }, 30_000);

    it('explains every field', async () => {
      const text = await succeed(['explain', 'wasmmodule.spec.network']);
      expect(text).toContain('FIELD: network <Object>');
      expect(text).toMatch(/allowIpNameLookup\s+<boolean>/);
      expect(text).toMatch(/tcp\s+<Object>/);
    }, 30_000);

    it('edits in an editor', async () => {
      await succeed(['apply', '-f', EXAMPLE]);
      const editor = join(directory, 'editor.js');
      writeFileSync(
        editor,
        `#!${process.execPath}
const fs = require('node:fs');
const [path] = process.argv.slice(2);
const text = fs.readFileSync(path, 'utf8');
fs.writeFileSync(path, text.replace('image: ${EXAMPLE_IMAGE}', 'image: example/edited'));
`,
      );
      chmodSync(editor, 0o700);
      await succeed(['edit', 'wasm', 'reverse-string'], {
        env: { KUBE_EDITOR: editor },
      });
      expect(
        await succeed([
          'get',
          'wasm',
          'reverse-string',
          '-o',
          'jsonpath={.spec.image}',
        ]),
      ).toBe('example/edited');
    }, 30_000);

    it('patches by JSON patch, and says why a patch is refused', async () => {
      await succeed(['apply', '-f', EXAMPLE]);
      await succeed([
        'patch',
        'wasm',
        'reverse-string',
        '--type=json',
        '-p',
        '[{"op":"add","path":"/spec/args","value":["a"]}]',
      ]);
      const { code, stderr } = await kubectl([
        'patch',
        'wasm',
        'reverse-string',
        '--type=merge',
        '-p',
        '{"spec":{"args":"a"}}',
      ]);
      expect(code).toBe(1);
      expect(stderr).toContain(
        'The WasmModule "reverse-string" is invalid: spec.args: Invalid value: "string": spec.args in body must be of type array: "string"',
      );
    }, 30_000);

    it('describes a module with its events', async () => {
      await succeed(['apply', '-f', EXAMPLE]);
      const uid = await succeed([
        'get',
        'wasm',
        'reverse-string',
        '-o',
        'jsonpath={.metadata.uid}',
      ]);
      await call(target, 'POST', `/api/v1/namespaces/${namespace}/events`, {
        body: {
          metadata: { name: 'reverse-string.1' },
          involvedObject: {
            apiVersion: 'wasm.serving.knative.dev/v1alpha1',
            kind: 'WasmModule',
            name: 'reverse-string',
            namespace,
            uid,
          },
          reason: 'Tested',
          message: 'seen by describe',
          type: 'Warning',
          count: 1,
          source: { component: 'contract' },
          firstTimestamp: new Date().toISOString(),
          lastTimestamp: new Date().toISOString(),
        },
      });
      const text = await succeed(['describe', 'wasm', 'reverse-string']);
      expect(text).toContain(`Image:  ${EXAMPLE_IMAGE}`);
      expect(text).toMatch(/Warning +Tested +\S+ +contract +seen by describe/);
      const listed = await succeed(['get', 'events']);
      expect(listed).toMatch(
        /Warning +Tested +wasmmodule\/reverse-string +seen by describe/,
      );
    }, 30_000);

    it('follows changes with get -w and with wait', async () => {
      await succeed(['apply', '-f', EXAMPLE]);
      const watching = spawn(
        'kubectl',
        ['--namespace', namespace, 'get', 'wasm', '-w'],
        { env: environment, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const lines = createInterface({ input: watching.stdout })[
        Symbol.asyncIterator
      ]();
      const waiting = succeed([
        'wait',
        '--for=condition=Ready',
        'wasm/reverse-string',
        '--timeout=20s',
      ]);
      expect((await lines.next()).value).toMatch(/^NAME +ADDRESS/);
      expect((await lines.next()).value).toMatch(/^reverse-string\s*$/);
      await setReady('reverse-string', 'True');
      expect((await lines.next()).value).toMatch(
        /^reverse-string +http:\/\/reverse-string.example +True +Tested$/,
      );
      expect(await waiting).toBe(
        'wasmmodule.wasm.serving.knative.dev/reverse-string condition met\n',
      );
      watching.kill();
      await once(watching, 'close');
    }, 40_000);

    it('deletes, and waits until it is gone', async () => {
      await succeed(['apply', '-f', EXAMPLE]);
      expect(await succeed(['delete', '-f', EXAMPLE])).toBe(
        'wasmmodule.wasm.serving.knative.dev "reverse-string" deleted\n',
      );
      const { code, stderr } = await kubectl(['get', 'wasm', 'reverse-string']);
      expect(code).toBe(1);
      expect(stderr).toBe(
        'Error from server (NotFound): wasmmodules.wasm.serving.knative.dev "reverse-string" not found\n',
      );
    }, 30_000);

    it('creates the built-in kinds, which it sends as protobuf', async () => {
      await succeed(['create', 'secret', 'generic', 's', '--from-literal=a=b']);
      await succeed(['create', 'configmap', 'm', '--from-literal=a=b']);
      expect(
        await succeed(['get', 'secret', 's', '-o', 'jsonpath={.type} {.data}']),
      ).toBe('Opaque {"a":"Yg=="}');
      expect(
        await succeed(['get', 'configmap', 'm', '-o', 'jsonpath={.data}']),
      ).toBe('{"a":"b"}');
      expect(await succeed(['auth', 'can-i', 'delete', 'wasm'])).toBe('yes\n');
    }, 30_000);

    if (!isLocal) {
      return;
    }
    it('creates and removes a namespace with all that is in it', async () => {
      await succeed(['create', 'namespace', 'passing']);
      await succeed(['apply', '-n', 'passing', '-f', EXAMPLE]);
      await succeed(['delete', 'namespace', 'passing']);
      const { stdout } = await kubectl(['get', 'wasm', '-A', '-o', 'name']);
      expect(stdout).not.toContain('passing');
      expect((await kubectl(['get', 'namespace', 'passing'])).code).toBe(1);
    }, 30_000);

    it('reads the log of a pod', async () => {
      const { api } = target as Awaited<ReturnType<typeof startLocalTarget>>;
      api.store.create('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'one', namespace },
        spec: { containers: [{ name: 'module', image: 'example/one' }] },
        status: {
          phase: 'Running',
          containerStatuses: [{ name: 'module', ready: true, restartCount: 2 }],
        },
      } as Parameters<typeof api.store.create>[1]);
      expect(await succeed(['logs', 'one'])).toBe(
        `one\ntwo\n${namespace}/one\n`,
      );
      expect(await succeed(['logs', 'one', '--tail=1'])).toBe(
        `${namespace}/one\n`,
      );
      const following = spawn(
        'kubectl',
        ['--namespace', namespace, 'logs', '-f', 'one'],
        { env: environment, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const lines = createInterface({ input: following.stdout })[
        Symbol.asyncIterator
      ]();
      expect((await lines.next()).value).toBe('one');
      following.kill();
      await once(following, 'close');
      const [, row] = (await succeed(['get', 'pods'])).split('\n');
      expect(row.split(/ +/).slice(0, 4)).toEqual([
        'one',
        '1/1',
        'Running',
        '2',
      ]);
    }, 30_000);
  },
);
