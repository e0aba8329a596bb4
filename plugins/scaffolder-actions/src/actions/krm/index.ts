export { createKrmRunAction } from './createKrmRunAction';
export { pipelineInput } from './pipelineInput';
export { usePipeline } from './usePipeline';
