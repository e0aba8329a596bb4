import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Push to the registry that func.yaml names',
    example: stringify({
      steps: [
        {
          id: 'push',
          name: 'Push the module',
          action: 'wasi:module:push',
          input: {
            modulePath: '${{ steps.build.output.modulePath }}',
            revision: '${{ steps.publish.output.commitHash }}',
          },
        },
      ],
    }),
  },
  {
    description: 'Push a module that is going to run on knative-serving-wasm',
    example: stringify({
      steps: [
        {
          id: 'push',
          name: 'Push the module',
          action: 'wasi:module:push',
          input: {
            modulePath: '${{ steps.build.output.modulePath }}',
            deployTo: 'knative-serving-wasm',
            tools: '${{ steps.build.output.tools }}',
          },
        },
      ],
    }),
  },
  {
    description: 'Push a container image for Podman',
    example: stringify({
      steps: [
        {
          id: 'push',
          name: 'Push the module',
          action: 'wasi:module:push',
          input: {
            image: 'ghcr.io/my-team/hello:1.0.0-image',
            format: 'compat',
            deployTo: 'crun',
          },
        },
      ],
    }),
  },
  {
    description: 'Push to a reference of your own',
    example: stringify({
      steps: [
        {
          id: 'push',
          name: 'Push the module',
          action: 'wasi:module:push',
          input: { image: 'ghcr.io/my-team/hello:1.0.0' },
        },
      ],
    }),
  },
];
