export { createAddWasmAction } from './createAddWasmAction';
