export { LogLines } from './LogLines';
