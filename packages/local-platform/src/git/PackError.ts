/** A pack that was received but is not whole, or too large. @internal */
export class PackError extends Error {}
