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
    description: 'Show what a deploy would change, and change nothing',
    example: stringify({
      steps: [
        {
          id: 'plan',
          name: 'Plan the deploy',
          action: 'wasi:module:deploy',
          input: {
            image: '${{ steps.push.output.image }}',
            entityRef: 'component:default/hello',
            planOnly: true,
          },
        },
        {
          id: 'tell',
          name: 'Tell that there is something to do',
          if: '${{ steps.plan.output.changes.length > 0 }}',
          action: 'debug:log',
          input: { message: '${{ steps.plan.output.changes | dump }}' },
        },
      ],
    }),
  },
  {
    description: 'Take over fields that somebody has changed with another tool',
    example: stringify({
      steps: [
        {
          id: 'deploy',
          name: 'Deploy the module',
          action: 'wasi:module:deploy',
          input: {
            image: '${{ steps.push.output.image }}',
            entityRef: 'component:default/hello',
            force: true,
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
