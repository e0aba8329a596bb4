import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { createFormField } from '@backstage/plugin-scaffolder-react/alpha';
import { WasiRegistryPicker } from '../components/WasiRegistryPicker';

export default createFormField({
  name: 'WasiRegistryPicker',
  component: WasiRegistryPicker,
  schema: makeFieldSchema({ output: z => z.string() }),
});
