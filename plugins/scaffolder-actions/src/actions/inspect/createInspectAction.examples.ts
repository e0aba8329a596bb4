import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Inspect what the build step made',
    example: stringify({
      steps: [
        {
          id: 'inspect',
          name: 'Inspect the module',
          action: 'wasi:module:inspect',
          input: { modulePath: '${{ steps.build.output.modulePath }}' },
        },
      ],
    }),
  },
  {
    description: 'Look at a command that is not meant to serve HTTP',
    example: stringify({
      steps: [
        {
          id: 'inspect',
          name: 'Inspect the module',
          action: 'wasi:module:inspect',
          input: { modulePath: 'tool.wasm', requireHttp: false },
        },
      ],
    }),
  },
];
