import { execFileSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { findHead, runTemplate } from './backend';
import { readPlatform } from './portal';

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
].join(', ');

function has(tool: string): boolean {
  try {
    execFileSync(tool, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    // Whatever the reason, it cannot be used.
    return false;
  }
}

test('a KRM function in Go comes to the registry as kpt pulls it (needs go)', async ({
  request,
}) => {
  test.skip(!has('go'), 'go is not installed');
  const { status } = await runTemplate(request, 'krm-function', {
    name: 'set-team',
    target: 'js',
  });
  expect(status).toBe('completed');
  const answer = await request.get(
    `http://${
      readPlatform().registry.host
    }/v2/functions/set-team/manifests/latest`,
    { headers: { accept: MANIFESTS } },
  );
  const { manifests } = await answer.json();
  expect(manifests).toMatchObject([
    { platform: { architecture: 'wasm', os: 'js' } },
  ]);
  expect(await findHead(request, 'set-team')).toBeDefined();
});

test('text becomes a runnable image, and its module another one', async ({
  request,
}) => {
  const common = {
    runtimeClassName: 'wasmtime',
    args: [],
    folders: [{ guestPath: '/data', claim: 'data', readOnly: true }],
    network: 'none',
  };
  const { status } = await runTemplate(request, 'wasi-image', {
    ...common,
    name: 'from-text',
    kind: 'text',
    text: '(module (memory (export "memory") 1) (func (export "_start")))',
  });
  expect(status).toBe('completed');
  const { host } = readPlatform().registry;
  const again = await runTemplate(request, 'wasi-image', {
    ...common,
    name: 'from-image',
    kind: 'image',
    source: `${host}/functions/from-text:latest`,
  });
  expect(again.status).toBe('completed');
  for (const name of ['from-text', 'from-image']) {
    const answer = await request.get(
      `http://${host}/v2/functions/${name}/manifests/latest`,
      { headers: { accept: MANIFESTS } },
    );
    expect((await answer.json()).annotations).toMatchObject({
      'module.wasm.image/variant': 'compat',
    });
  }
});
