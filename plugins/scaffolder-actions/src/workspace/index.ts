export { readArtifactPlace, readSource } from './artifactPlace';
export {
  formatFinding,
  readFunctionFolder,
  unlessPresent,
} from './functionFolder';
export { logFindings } from './logFindings';
export { requireFolder } from './requireFolder';
export { resolveInWorkspace } from '@wasi-functions/backstage-plugin-wasi-node';
