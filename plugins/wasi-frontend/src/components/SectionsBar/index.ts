export { SectionsBar } from './SectionsBar';
