export { FieldChanges } from './FieldChanges';
