export {
  artifactConsumers,
  artifactFormatLabel,
  artifactFormats,
  findArtifactFormat,
} from './artifactFormats';
export { checkArtifactFormat } from './checkArtifactFormat';
export type {
  ArtifactConsumerName,
  ArtifactFormat,
  ArtifactFormatName,
  FoundArtifactFormat,
} from './types';
