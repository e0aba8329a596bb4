import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Check the func.yaml at the top of the workspace',
    example: stringify({
      steps: [
        {
          id: 'validate',
          name: 'Validate func.yaml',
          action: 'wasi:function:validate',
        },
      ],
    }),
  },
  {
    description: 'Check a function in a sub-folder',
    example: stringify({
      steps: [
        {
          id: 'validate',
          name: 'Validate func.yaml',
          action: 'wasi:function:validate',
          input: { path: 'functions/hello' },
        },
      ],
    }),
  },
];
