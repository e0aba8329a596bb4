export { MissingModules } from './MissingModules';
