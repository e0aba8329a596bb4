export { readArtifactPlace, readSource } from './artifactPlace';
export {
  formatFinding,
  readFunctionFolder,
  unlessPresent,
} from './functionFolder';
export { logFindings } from './logFindings';
export { resolveInWorkspace } from '@wasi-functions/backstage-plugin-wasi-node';
