import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Say where a pushed module comes from, and what is in it',
    example: stringify({
      steps: [
        {
          id: 'attest',
          name: 'Attach SBOM and provenance',
          action: 'wasi:module:attest',
          input: {
            image: '${{ steps.push.output.image }}',
            modulePath: '${{ steps.build.output.modulePath }}',
            tools: '${{ steps.build.output.tools }}',
            source: '${{ steps.publish.output.remoteUrl }}',
            revision: '${{ steps.publish.output.commitHash }}',
          },
        },
      ],
    }),
  },
];
