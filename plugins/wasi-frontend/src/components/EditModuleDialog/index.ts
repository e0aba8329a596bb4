export { EditModule } from './EditModule';
