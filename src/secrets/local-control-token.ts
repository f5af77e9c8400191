// A file of its own, so that the command line can import the token without loading anything else: it has to start fast.

/**
 * The control token of local runs, which everybody knows. They listen on their own machine alone, and a deployment refuses to
 * serve with this token.
 */
export const LOCAL_CONTROL_TOKEN = 'local-control'
