import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { createFormField } from '@backstage/plugin-scaffolder-react/alpha';
import {
  validateRuntime,
  WasiRuntimePicker,
} from '../components/WasiRuntimePicker';

export default createFormField({
  name: 'WasiRuntimePicker',
  component: WasiRuntimePicker,
  validation: validateRuntime,
  schema: makeFieldSchema({
    output: z => z.string(),
    uiOptions: z =>
      z.object({
        runtimes: z
          .array(z.string())
          .optional()
          .describe('Offer only these runtimes'),
      }),
  }),
});
