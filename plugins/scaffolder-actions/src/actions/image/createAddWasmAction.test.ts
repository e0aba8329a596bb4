import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { CommandBuildOptions } from '@wasi-functions/backstage-plugin-wasi-node';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeModuleRegistry } from '../../__testUtils__/FakeModuleRegistry';
import { EMPTY_CORE_MODULE } from '../../__testUtils__/modules';
import { createAddWasmAction } from './createAddWasmAction';

const IMAGE = 'registry.example.com/team/app:1.0.0';

describe('wasi:image:add-wasm', () => {
  const context = actionContexts();
  let registry: FakeModuleRegistry;
  let builds: CommandBuildOptions[];
  const action = () =>
    createAddWasmAction({
      registry,
      maxModuleBytes: 1024,
      now: () => new Date(0),
      builder: {
        async build(options) {
          builds.push(options);
          const path = join(options.directory, options.output!);
          await writeFile(path, EMPTY_CORE_MODULE);
          return { path, size: 8, tools: {} };
        },
      },
    });

  beforeEach(() => {
    builds = [];
    registry = new FakeModuleRegistry();
    registry.describe = async () => ({} as never);
  });

  it('puts a Go package for WASI beside the platforms that the tag holds', async () => {
    const { ctx, outputs } = await context({
      input: {
        package: './cmd/app',
        image: IMAGE,
        revision: 'abc',
      },
    });
    await action().handler(ctx);
    expect(builds).toMatchObject([
      { language: 'go', target: 'wasip1', source: './cmd/app' },
    ]);
    expect(registry.pushes).toMatchObject([
      {
        reference: IMAGE,
        format: 'index',
        annotations: { 'org.opencontainers.image.revision': 'abc' },
      },
    ]);
    expect(registry.pushes[0]).not.toHaveProperty('beside');
    expect(outputs).toMatchObject({
      reference: IMAGE,
      image: expect.stringMatching(
        /^registry\.example\.com\/team\/app@sha256:/,
      ),
      size: 8,
    });
  });

  it('builds nothing for a tag that holds nothing', async () => {
    registry.describe = async reference => {
      throw new WasiError('REGISTRY_NOT_FOUND', {
        message: `${reference} is not in the registry.`,
      });
    };
    const { ctx } = await context({ input: { image: IMAGE } });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
    });
    expect(builds).toEqual([]);
  });

  it('takes latest where no tag is given, and refuses what is no reference', async () => {
    const { ctx, outputs } = await context({
      input: { image: 'registry.example.com/team/app' },
      isDryRun: true,
    });
    await action().handler(ctx);
    expect(outputs.reference).toBe('registry.example.com/team/app:latest');
    expect([builds, registry.pushes]).toEqual([[], []]);
    const wrong = await context({ input: { image: 'Not A Reference' } });
    await expect(action().handler(wrong.ctx)).rejects.toMatchObject({
      code: 'IMAGE_REFERENCE_INVALID',
    });
  });
});
