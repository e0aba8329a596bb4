export {
  artifactConsumers,
  artifactFormatLabel,
  artifactFormats,
  findArtifactFormat,
  foundArtifactFormats,
} from './artifactFormats';
export { checkArtifactFormat } from './checkArtifactFormat';
export type {
  ArtifactConsumerName,
  ArtifactFormat,
  ArtifactFormatName,
  FoundArtifactFormat,
} from './types';
