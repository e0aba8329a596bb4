export { createToolchains } from './createToolchains';
export type { JcoToolchain, Tool, Toolchains } from './types';
