export {
  formatFinding,
  readFunctionFolder,
  resolveInWorkspace,
} from './functionFolder';
export { logFindings } from './logFindings';
