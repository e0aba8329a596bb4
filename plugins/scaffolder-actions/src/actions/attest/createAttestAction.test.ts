import { createHash } from 'node:crypto';
import type {
  Attestation,
  AttestOptions,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { EMPTY_CORE_MODULE, FUNC_YAML } from '../../__testUtils__/modules';
import { createAttestAction } from './createAttestAction';

const IMAGE = `registry.example.com/functions/hello@sha256:${'a'.repeat(64)}`;
const FILES = { 'func.yaml': FUNC_YAML, 'module.wasm': EMPTY_CORE_MODULE };
const MADE: Attestation = {
  sbom: { digest: 'sha256:5b', packages: 12, file: 'package-lock.json' },
  provenance: 'sha256:97',
  attached: 2,
};

describe('wasi:module:attest', () => {
  const context = actionContexts();
  const asked: AttestOptions[] = [];
  beforeEach(() => {
    asked.length = 0;
  });

  const action = (made: Attestation = MADE) =>
    createAttestAction({
      maxModuleBytes: 1024,
      attester: {
        signs: made.signature !== undefined,
        async attest(options) {
          asked.push(options);
          return made;
        },
      },
    });

  it('says what was built from what, in which run', async () => {
    const { ctx, outputs, lines, workspacePath } = await context({
      input: {
        image: IMAGE,
        source: 'https://git.example.com/hello.git',
        revision: 'abc123',
        tools: { jco: '1.34.0' },
      },
      files: FILES,
    });
    await action().handler(ctx);
    const { inspection, signal, ...rest } = asked[0];
    expect(inspection.digest).toBe(
      `sha256:${createHash('sha256').update(EMPTY_CORE_MODULE).digest('hex')}`,
    );
    expect(rest).toEqual({
      image: IMAGE,
      name: 'hello',
      version: undefined,
      runtime: 'js-wasi',
      directory: workspacePath,
      funcYaml: `sha256:${createHash('sha256')
        .update(FUNC_YAML)
        .digest('hex')}`,
      source: 'https://git.example.com/hello.git',
      revision: 'abc123',
      tools: { jco: '1.34.0' },
      invocationId: 'mock-task-id',
    });
    expect(outputs).toEqual({
      sbom: 'sha256:5b',
      packages: 12,
      provenance: 'sha256:97',
      signature: undefined,
    });
    expect(lines).toEqual([
      'Attached SBOM with 12 packages of package-lock.json, provenance, not signed.',
    ]);
  });

  it('tells that a key signed it, and that it had been there', async () => {
    const { ctx, outputs, lines } = await context({
      input: { image: IMAGE },
      files: FILES,
    });
    await action({ ...MADE, signature: 'sha256:51', attached: 0 }).handler(ctx);
    expect(outputs.signature).toBe('sha256:51');
    expect(lines).toEqual([
      'Attached already: SBOM with 12 packages of package-lock.json, provenance and signature.',
    ]);
  });

  it('attaches nothing in a dry run, where nothing was built', async () => {
    const { ctx, outputs, lines } = await context({
      input: { image: IMAGE },
      files: { 'func.yaml': FUNC_YAML },
      isDryRun: true,
    });
    await action().handler(ctx);
    expect(asked).toEqual([]);
    expect(outputs).toEqual({ sbom: '', packages: 0, provenance: '' });
    expect(lines.join()).toContain(IMAGE);
  });

  it('says nothing about a module that is not there', async () => {
    const { ctx } = await context({
      input: { image: IMAGE },
      files: { 'func.yaml': FUNC_YAML },
    });
    await expect(action().handler(ctx)).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  it('example runs: after a push', async () => {
    const [{ example }] = action().examples!;
    const { ctx, outputs } = await context({
      input: {
        ...parse(example).steps[0].input,
        image: IMAGE,
        modulePath: 'module.wasm',
        tools: { jco: '1' },
      },
      files: FILES,
    });
    await action().handler(ctx);
    expect(outputs.sbom).toBe('sha256:5b');
  });
});
