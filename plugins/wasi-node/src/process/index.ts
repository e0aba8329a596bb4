export { runCommand } from './runCommand';
export type { CommandOptions, CommandResult } from './types';
