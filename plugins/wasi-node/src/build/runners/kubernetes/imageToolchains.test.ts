import { createImageToolchains } from './imageToolchains';

const toolchains = createImageToolchains({
  build: {
    timeoutMs: 1,
    maxOutputBytes: 1,
    maxModuleBytes: 1,
    kubernetes: {
      namespace: 'builds',
      images: { 'js-wasi': 'registry.example/js@sha256:aa' },
      startTimeoutMs: 1,
    },
  },
});

describe('the runtimes of a portal that builds in a cluster', () => {
  it('are available where they have an image, whatever this machine has', async () => {
    const views = await toolchains.checkAll();
    const available = views.filter(view => view.available);

    // Prebuilt modules need no tool.
    expect(available.map(({ name }) => name).sort()).toEqual([
      'js-wasi',
      'prebuilt-wasi',
    ]);
    expect(views.find(({ name }) => name === 'go-wasi')?.problems).toEqual([
      {
        code: 'BUILD_RUNNER_UNAVAILABLE',
        severity: 'error',
        message: 'No builder image is configured for Go.',
        remedy: 'Add go-wasi to `wasi.build.kubernetes.images`.',
      },
    ]);
  });

  it('tell one that there is not', async () => {
    expect(await toolchains.check('cobol-wasi')).toMatchObject([
      { code: 'RUNTIME_UNKNOWN' },
    ]);
  });
});
