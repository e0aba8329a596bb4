import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
