import {
  findRuntime,
  runtimes,
  toolVersions,
  type Finding,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../../../config';
import type { Toolchains } from '../../../toolchains';

/** Where the builder images have jco; see builders/. */
const JCO_DIRECTORY = '/opt/wasi/jco/node_modules/@bytecodealliance/jco';

/**
 * The tools of builder images: nothing is looked for on this machine.
 *
 * @internal
 */
export function createImageToolchains(
  config: Pick<WasiConfig, 'build'>,
): Toolchains {
  const images = config.build.kubernetes?.images ?? {};
  const image = (runtime: string) =>
    Object.hasOwn(images, runtime) ? images[runtime] : undefined;

  function findings(name: string): Finding[] {
    const runtime = findRuntime(name);
    if (runtime && (runtime.strategy === 'prebuilt' || image(name))) {
      return [];
    }
    return [
      runtime
        ? {
            code: 'BUILD_RUNNER_UNAVAILABLE',
            severity: 'error',
            message: `No builder image is configured for ${runtime.label}.`,
            remedy: `Add ${name} to \`wasi.build.kubernetes.images\`.`,
          }
        : {
            code: 'RUNTIME_UNKNOWN',
            severity: 'error',
            message: `There is no runtime ${name}.`,
            remedy: 'Use one of the runtimes that the portal lists.',
          },
    ];
  }

  return {
    image,
    async check(runtime) {
      // Of a recipe without a name, its runner tells when it is asked for a place.
      return typeof runtime === 'string' ? findings(runtime) : [];
    },
    async checkAll() {
      return runtimes.map(({ name, label, language, maturity }) => {
        const problems = findings(name);
        return {
          name,
          label,
          language,
          maturity,
          available: problems.length === 0,
          problems,
        };
      });
    },
    async jco() {
      return { directory: JCO_DIRECTORY, version: toolVersions.jco };
    },
    async find(name) {
      return { name, path: name, command: name, args: [] };
    },
    // The PATH and the homes of the tools are the image's.
    environment: ({ home }) => ({
      HOME: home,
      TMPDIR: home,
      LANG: 'C.UTF-8',
      NO_COLOR: '1',
    }),
  };
}
