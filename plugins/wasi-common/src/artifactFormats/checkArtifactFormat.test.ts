import { artifactFormats } from './artifactFormats';
import { checkArtifactFormat } from './checkArtifactFormat';

const component = {
  kind: 'component' as const,
  imports: ['wasi:io/streams@0.2.3'],
  exports: ['wasi:http/incoming-handler@0.2.3'],
};
const plugin = {
  kind: 'module' as const,
  imports: ['env.proxy_log'],
  exports: ['memory', 'proxy_abi_version_0_2_1'],
};
const goProgram = {
  kind: 'module' as const,
  imports: ['gojs.runtime.wasmExit'],
  exports: ['run'],
};

const fitting = (inspection: typeof component | typeof plugin) =>
  artifactFormats
    .map(({ name }) => name)
    .filter(name => !checkArtifactFormat(name, { inspection }).length);

describe('checkArtifactFormat', () => {
  it('leaves to each module the formats that somebody could use it in', () => {
    expect(fitting(component)).toEqual(['wasm', 'krustlet', 'compat', 'index']);
    expect(fitting(plugin)).toEqual([
      'wasm',
      'krustlet',
      'compat',
      'istio-compat',
      'istio-oci',
      'index',
    ]);
    expect(fitting(goProgram)).toEqual([
      'wasm',
      'krustlet',
      'compat',
      'kpt',
      'index',
    ]);
  });

  it('refuses what the consumer cannot pull, and names what it can', () => {
    expect(
      checkArtifactFormat('compat', { consumer: 'knative-serving-wasm' }),
    ).toEqual([
      {
        code: 'FORMAT_NOT_PULLED',
        severity: 'error',
        message:
          'knative-serving-wasm cannot pull the format compat (Container image for wasi/wasm); crun (Podman, CRI-O), containerd with a runwasi shim, Docker can',
        remedy: 'Push it as wasm or krustlet instead.',
      },
    ]);
    for (const name of ['wasm', 'krustlet', 'index'] as const) {
      expect(
        checkArtifactFormat(name, { consumer: 'knative-serving-wasm' }),
      ).toEqual([]);
    }
  });

  it('says why a module is of no use in a format', () => {
    expect(
      checkArtifactFormat('kpt', { inspection: component }).map(
        ({ code, message }) => [code, message],
      ),
    ).toEqual([
      [
        'FORMAT_UNFIT',
        'The format kpt (kpt function, js/wasm) is of no use to this module: it imports nothing of gojs, so it is not what Go builds for GOOS=js, which kpt runs',
      ],
    ]);
  });
});
