import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Build the function at the top of the workspace',
    example: stringify({
      steps: [
        {
          id: 'build',
          name: 'Build the module',
          action: 'wasi:module:build',
        },
      ],
    }),
  },
];
