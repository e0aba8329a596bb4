import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Wait for what the deploy step applied',
    example: stringify({
      steps: [
        {
          id: 'wait',
          name: 'Wait until it is ready',
          action: 'wasi:module:wait',
          input: {
            cluster: '${{ steps.deploy.output.cluster }}',
            namespace: '${{ steps.deploy.output.namespace }}',
            name: '${{ steps.deploy.output.name }}',
            generation: '${{ steps.deploy.output.generation }}',
          },
        },
      ],
    }),
  },
  {
    description: 'Give a slow cluster ten minutes',
    example: stringify({
      steps: [
        {
          id: 'wait',
          name: 'Wait until it is ready',
          action: 'wasi:module:wait',
          input: { name: 'hello', timeoutSeconds: 600 },
        },
      ],
    }),
  },
];
