import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Call the module once before it is pushed',
    example: stringify({
      steps: [
        {
          id: 'run',
          name: 'Try the module',
          action: 'wasi:module:run',
          input: {
            modulePath: '${{ steps.build.output.modulePath }}',
            request: { method: 'GET', path: '/' },
            expectStatus: 200,
          },
        },
      ],
    }),
  },
  {
    description: 'Run a command with arguments',
    example: stringify({
      steps: [
        {
          id: 'run',
          name: 'Run the tool',
          action: 'wasi:module:run',
          input: { modulePath: 'tool.wasm', args: ['tool', '--version'] },
        },
      ],
    }),
  },
];
