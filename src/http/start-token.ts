// A file of its own, as Node and the Worker share it.

/** The header of the request by which a local start lets the others in. */
export const START_TOKEN_HEADER = 'identity-edge-start-token'
