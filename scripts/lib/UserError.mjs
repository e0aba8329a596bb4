/** A failure whose message is all that the person at the keyboard needs: no stack. */
export class UserError extends Error {
  name = 'UserError';
}
