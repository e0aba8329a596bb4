import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Build a KRM function in Go for kpt',
    example: stringify({
      steps: [
        {
          id: 'build',
          name: 'Build the function',
          action: 'wasi:command:build',
          input: { language: 'go', target: 'js' },
        },
      ],
    }),
  },
  {
    description: 'Build a tool in Rust from a folder of the repository',
    example: stringify({
      steps: [
        {
          id: 'build',
          name: 'Build the tool',
          action: 'wasi:command:build',
          input: { language: 'rust', path: 'tools/convert' },
        },
      ],
    }),
  },
];
