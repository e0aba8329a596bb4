import { join } from 'node:path';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeModuleRegistry } from '../../__testUtils__/FakeModuleRegistry';
import { createCopyAction } from './createCopyAction';

const FROM = 'registry.example.com/functions/hello:1.0';

describe('wasi:module:copy', () => {
  const context = actionContexts();
  let registry: FakeModuleRegistry;
  let action: ReturnType<typeof createCopyAction>;
  beforeEach(() => {
    registry = new FakeModuleRegistry();
    action = createCopyAction({ registry });
  });

  it('copies into an archive in the workspace', async () => {
    const { ctx, outputs, workspacePath } = await context({
      input: { from: FROM, to: 'oci-archive:dist/hello.tar', referrers: true },
    });
    await action.handler(ctx);
    expect(registry.copies).toEqual([
      {
        from: { image: FROM },
        to: {
          kind: 'archive',
          path: join(workspacePath, 'dist/hello.tar'),
          name: 'oci-archive:dist/hello.tar',
          reference: 'latest',
        },
        referrers: true,
        maxBytes: 2 * 1024 ** 3,
        signal: undefined,
      },
    ]);
    const digest = `sha256:${'c'.repeat(64)}`;
    expect(outputs).toEqual({
      reference: 'oci-archive:dist/hello.tar:latest',
      image: `oci-archive:dist/hello.tar@${digest}`,
      digest,
    });
  });

  it('reads with the account of the portal only where the template lends it', async () => {
    const { ctx } = await context({
      input: {
        from: FROM,
        to: 'registry.example.com/production/hello:1.0',
        withAccount: true,
      },
    });
    await action.handler(ctx);
    expect(registry.copies).toMatchObject([
      { from: FROM, to: 'registry.example.com/production/hello:1.0' },
    ]);
  });

  it('copies nothing in a dry run', async () => {
    const { ctx, lines } = await context({
      input: { from: FROM, to: 'oci:dist' },
      isDryRun: true,
    });
    await action.handler(ctx);
    expect(registry.copies).toEqual([]);
    expect(lines).toEqual([`Dry run: would copy ${FROM} to oci:dist:latest.`]);
  });

  it.each(['from', 'to'])(
    'refuses a layout out of the workspace as %s',
    async field => {
      const { ctx } = await context({
        input: { from: FROM, to: 'oci:dist', [field]: 'oci:/etc' },
      });
      await expect(action.handler(ctx)).rejects.toMatchObject({
        code: 'SOURCE_PATH_ESCAPES',
      });
      expect(registry.copies).toEqual([]);
    },
  );
});
