export { createCommandBuilder } from './createCommandBuilder';
export type {
  BuiltCommand,
  CommandBuilder,
  CommandBuildOptions,
  CommandLanguage,
  CommandTarget,
} from './types';
