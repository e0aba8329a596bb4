export {
  formatFinding,
  readFunctionFolder,
  resolveInWorkspace,
  unlessPresent,
} from './functionFolder';
export { logFindings } from './logFindings';
