import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Publish the generated repository',
    example: stringify({
      steps: [
        {
          id: 'publish',
          name: 'Publish the repository',
          action: 'wasi:repository:publish',
          input: {
            repoUrl: 'gitea.example.com?owner=functions&repo=hello',
            description: 'Says hello',
          },
        },
      ],
    }),
  },
];
