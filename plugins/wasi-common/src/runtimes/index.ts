export { buildWorkflow } from './buildWorkflow';
export { detectRuntime } from './detectRuntime';
export type { RuntimeCandidate, SourceFile } from './detectRuntime';
export { findRuntime } from './findRuntime';
export { toolVersions } from './pinnedVersions';
export { stepPlaceholders } from './placeholders';
export type { StepPlaceholder } from './placeholders';
export { runtimes } from './runtimes';
export type {
  Runtime,
  RuntimePrerequisite,
  RuntimeSkeleton,
  RuntimeStep,
  WorkflowStep,
} from './types';
