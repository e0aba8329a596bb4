import { z } from 'zod';
import type { WasmModule } from './types';
/** Tolerant schema of a WasmModule. @public */
export const wasmModuleSchema = z.custom<WasmModule>(
  value => typeof value === 'object' && value !== null,
);
/** Reads a WasmModule. @public */
export function parseWasmModule(value: unknown): WasmModule {
  return wasmModuleSchema.parse(value);
}
