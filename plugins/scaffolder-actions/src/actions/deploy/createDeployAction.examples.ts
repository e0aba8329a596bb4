import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Deploy what was pushed, by digest',
    example: stringify({
      steps: [
        {
          id: 'deploy',
          name: 'Deploy the module',
          action: 'wasi:module:deploy',
          input: {
            image: '${{ steps.push.output.image }}',
            entityRef: 'component:default/${{ parameters.name }}',
          },
        },
      ],
    }),
  },
  {
    description: 'Deploy to a named cluster and namespace',
    example: stringify({
      steps: [
        {
          id: 'deploy',
          name: 'Deploy the module',
          action: 'wasi:module:deploy',
          input: {
            image: '${{ steps.push.output.image }}',
            entityRef: 'component:default/hello',
            cluster: 'production',
            namespace: 'functions',
          },
        },
      ],
    }),
  },
  {
    description: 'Have KRM functions set limits and check the module first',
    example: stringify({
      steps: [
        {
          id: 'deploy',
          name: 'Deploy the module',
          action: 'wasi:module:deploy',
          input: {
            image: '${{ steps.push.output.image }}',
            entityRef: 'component:default/hello',
            pipeline: {
              mutators: [
                {
                  image: 'ghcr.io/platform/set-limits:1.0.0',
                  configMap: { memory: '128Mi' },
                },
              ],
              validators: [{ image: 'ghcr.io/platform/check-network:1.0.0' }],
            },
          },
        },
      ],
    }),
  },
];
