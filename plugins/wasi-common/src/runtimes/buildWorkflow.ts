import { toolVersions } from './pinnedVersions';
import type { RuntimeSkeleton, WorkflowStep } from './types';

const pushStep: WorkflowStep = {
  name: 'Push',
  if: "github.event_name == 'push'",
  env: {
    REGISTRY_USERNAME: '${{ secrets.REGISTRY_USERNAME }}',
    REGISTRY_PASSWORD: '${{ secrets.REGISTRY_PASSWORD }}',
  },
  run: [
    'curl --fail --silent --show-error --location --output "$RUNNER_TEMP/wkg" \\',
    `  https://github.com/bytecodealliance/wasm-pkg-tools/releases/download/v${toolVersions.wkg}/wkg-x86_64-unknown-linux-gnu`,
    'chmod +x "$RUNNER_TEMP/wkg"',
    'image="$(yq \'.registry + "/" + .name\' func.yaml)"',
    'echo "$REGISTRY_PASSWORD" | docker login "${image%%/*}" --username "$REGISTRY_USERNAME" --password-stdin',
    '"$RUNNER_TEMP/wkg" oci push "$image:$GITHUB_SHA" module.wasm',
    // What deploys from the catalog follow.
    '"$RUNNER_TEMP/wkg" oci push "$image:latest" module.wasm',
  ].join('\n'),
};

/**
 * The workflow of a generated repository: tests, builds, and pushes the module as
 * a CNCF Wasm OCI artifact, tagged with the commit and `latest`.
 *
 * @returns What the file holds; undefined where the skeleton tells no build.
 * @public
 */
export function buildWorkflow(
  skeleton: RuntimeSkeleton,
): Record<string, unknown> | undefined {
  const { setup = [], test, build } = skeleton;
  if (!build) {
    return undefined;
  }
  return {
    name: 'build',
    on: { push: { branches: ['main'] }, pull_request: {} },
    jobs: {
      build: {
        'runs-on': 'ubuntu-latest',
        permissions: { contents: 'read' },
        steps: [
          { uses: 'actions/checkout@v4' },
          ...setup,
          ...(test ? [{ name: 'Test', run: test }] : []),
          { name: 'Build', run: build.join('\n') },
          pushStep,
        ],
      },
    },
  };
}
