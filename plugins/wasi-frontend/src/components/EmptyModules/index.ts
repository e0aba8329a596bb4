export { EmptyModules } from './EmptyModules';
